//! What a call from Python costs, and how that compares.

use anyhow::Result;

use super::package::{self, Profile};
use super::{environment, folder};
use crate::place::Place;
use crate::run::Run;
use crate::steps::Steps;

/// Measures with a package as users get it, beside django-helpdesk in the same run.
pub(crate) fn bench(place: &Place, steps: &mut Steps) {
    let Some(tools) = environment::find(place, steps) else {
        return;
    };
    let python = steps.find("environment of the benchmark", || {
        let python = environment::with(place, "python-bench", "requirements-bench.txt")?;
        Ok((python, "django-helpdesk".to_owned()))
    });
    let Some(python) = python else { return };
    steps.step("Python benchmarks", |_| -> Result<()> {
        let wheel = package::wheel(place, &tools, Profile::Release)?;
        package::install(&python, &wheel)?;
        Run::new(&python)
            .arg("benches")
            .folder(&folder(place))
            .run()
    });
}
