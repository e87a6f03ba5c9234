//! The JavaScript package: one `.wasm`, its JavaScript and its types, for browsers and Node.

mod bindgen;
mod build;
mod chromium;
mod debian;
mod generated;
mod inbox;
mod node;
mod optimise;
mod pack;
mod size;
mod toolchain;

use crate::place::{self, Place};
use crate::steps::Steps;
use toolchain::Toolchain;

const PACKAGE: &str = "casekit-wasm";
const TARGET: &str = "wasm32-unknown-unknown";

/// Lints and builds the package, and tests it in Node and in Chromium.
pub(crate) fn run(place: &Place, steps: &mut Steps) {
    if !is_prepared(place, steps) {
        return;
    }
    steps.step("JavaScript generated", |_| generated::check(place));
    let mut tested = steps.step("JavaScript types", |_| node::types(place));
    tested &= steps.step("JavaScript tests in Node", |tally| {
        node::tests(place, tally)
    });
    let packed = steps.noted("JavaScript package", |_| pack::pack(place));
    if packed {
        steps.step("JavaScript quickstart in a clean project", |_| {
            pack::quickstart(place)?;
            pack::types(place)
        });
    }
    let Some(chromium) = browser(steps) else {
        return;
    };
    if tested {
        steps.step("JavaScript tests in Chromium", |tally| {
            node::browser_tests(place, &chromium, tally)
        });
    }
    if packed {
        steps.step("JavaScript quickstart built by Vite", |_| {
            pack::vite(place, &chromium)
        });
        steps.step("web inbox", |tally| inbox::run(place, &chromium, tally));
    }
}

/// Writes anew what is generated from the registry of operations.
pub(crate) fn generate(place: &Place, steps: &mut Steps) {
    if steps.find("Node", || node::find(place)).is_some() {
        steps.step("JavaScript generated", |_| generated::write(place));
    }
}

/// Measures the package in Chromium.
pub(crate) fn bench(place: &Place, steps: &mut Steps) {
    if !is_prepared(place, steps) {
        return;
    }
    if let Some(chromium) = browser(steps) {
        steps.step("JavaScript benchmark in Chromium", |_| {
            node::types(place)?;
            node::bench(place, &chromium)
        });
    }
}

/// Builds everything that the tests need.
fn is_prepared(place: &Place, steps: &mut Steps) -> bool {
    let toolchain = steps.find("wasm toolchain", || {
        let found = Toolchain::find(place)?;
        let name = found.name();
        Ok((found, name))
    });
    let optimiser = steps.find("wasm optimiser", || optimise::optimiser(place));
    let node = steps.find("Node", || node::find(place));
    let Some(toolchain) = toolchain else {
        return false;
    };
    match toolchain {
        Toolchain::Own => {
            steps.step("wasm lints", |_| build::lints(place, &toolchain));
        }
        // Another version of the lints, as Debian has it, would find other things.
        Toolchain::Debian(_) => steps.skip(
            "wasm lints",
            "they need the target in the toolchain: `rustup target add wasm32-unknown-unknown`",
        ),
    }
    let built = steps.noted("wasm package", |_| {
        build::package(place, &toolchain, optimiser.as_deref())
    });
    let built = built
        && steps.step("wasm of the conformance kit", |_| {
            build::testing(place, &toolchain)
        });
    built && node.is_some() && steps.step("JavaScript", |_| node::compile(place))
}

/// Chromium, which a person's machine may do without.
fn browser(steps: &mut Steps) -> Option<String> {
    let install = if place::is_ci() || chromium::may_install() {
        chromium::Install::IfMissing
    } else {
        chromium::Install::Never
    };
    steps.find("Chromium", || chromium::find(install))
}
