//! The fuzzers.
//!
//! They are compiled with the flags that `cargo fuzz` would use, so that neither it nor another
//! compiler is needed.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::run::Run;
use crate::rust;
use crate::steps::Steps;

/// Coverage for libFuzzer: which edges were taken, and what was compared with what.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

const TARGETS: [&str; 2] = ["operation_decoder", "query"];

/// Builds the fuzzers and runs each for `seconds`.
pub(crate) fn run(place: &Place, seconds: u32, steps: &mut Steps) {
    let mut built = None;
    steps.step("build the fuzzers", |_| {
        built = Some(build(place)?);
        Ok(())
    });
    let Some(programs) = built else { return };
    for target in TARGETS {
        steps.noted(&format!("fuzz {target} for {seconds} s"), |_| {
            fuzz(place, &programs, target, seconds)
        });
    }
}

/// Whether the fuzzers compile, with the libraries of their own lock file. They are outside the workspace,
/// so that no other step builds them.
pub(crate) fn check(place: &Place) -> Result<()> {
    let cargo = Run::cargo(&folder(place)).args(["check", "--locked"]);
    cargo.env("CARGO_TARGET_DIR", target(place)).run()
}

fn folder(place: &Place) -> PathBuf {
    place.root().join("fuzz")
}

fn target(place: &Place) -> PathBuf {
    place.target().join("fuzz")
}

fn build(place: &Place) -> Result<PathBuf> {
    let target = target(place);
    rust::program(place, "seeds")?;
    let host = Run::new("rustc").args(["--print", "host-tuple"]).read()?;
    // Naming the host as target keeps the flags away from what only runs while building.
    let cargo = Run::cargo(&folder(place)).args(["build", "--release", "--target", &host]);
    cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", FLAGS)
        .env("RUSTC_BOOTSTRAP", "1")
        .run()?;
    Ok(target.join(host).join("release"))
}

fn fuzz(place: &Place, programs: &Path, target: &str, seconds: u32) -> Result<String> {
    let seeds = place.private("seeds")?;
    let seeds_program = place.target().join("debug/seeds");
    Run::new(seeds_program).arg(&seeds).run()?;
    // What a run found is kept for the next one.
    let corpus = place.root().join("fuzz/corpus").join(target);
    let artifacts = place.root().join("fuzz/artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder)?;
    }
    let before = files(&corpus)?;
    let run = Run::new(programs.join(target))
        .arg(format!("-max_total_time={seconds}"))
        .args([
            "-max_len=8192",
            "-timeout=10",
            "-print_final_stats=1",
            "-verbosity=0",
        ])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(&corpus)
        .arg(seeds.join(target));
    if let Err(error) = run.run() {
        bail!("{error}; what broke it is in {}", artifacts.display());
    }
    let found = files(&corpus)? - before;
    Ok(format!("{found} new inputs"))
}

fn files(folder: &Path) -> Result<usize> {
    Ok(std::fs::read_dir(folder)?.count())
}
