//! The decisions: pure functions that know no I/O and no clock.

pub(crate) mod attention;
pub(crate) mod contact;
pub(crate) mod edit;
pub(crate) mod fields;
pub(crate) mod given;
pub(crate) mod html;
pub(crate) mod html_effort;
pub(crate) mod html_text;
pub(crate) mod length;
pub(crate) mod locale;
pub(crate) mod log;
pub(crate) mod status;
pub(crate) mod tags;
pub(crate) mod times;
pub(crate) mod unite;
