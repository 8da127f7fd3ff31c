//! What must hold for any input, as one function per kind of input: the fuzz targets under `fuzz_targets/` call them with
//! what libFuzzer makes up, `tests/corpora.rs` with the texts that were kept.
//!
//! A property that does not hold panics. An input that is not of the kind (no UTF-8, for example) is no finding.
//!
//! * [`documents`]: manifests of every type, from text to template; schedules of jobs.
//! * [`texts`]: interpolation, templates and overrides, addons.
//! * [`files`]: what stands beside manifests: Dockerfiles, ignore files, environment files.

pub mod documents;
pub mod files;
pub mod texts;

/// Takes any bytes; panics when a property does not hold.
pub type Target = fn(&[u8]);

/// Every target by name: that of its file under `fuzz_targets/` and of its folder under `corpus/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("addons", texts::addons),
    ("environment", documents::environment),
    ("files", files::files),
    ("interpolation", texts::interpolation),
    ("manifest", documents::manifest),
    ("overrides", texts::overrides),
    ("pipeline", documents::pipeline),
    ("schedule", documents::schedules),
];

/// Texts in one input, divided by NUL bytes: a file's text can't hold one.
fn parts(data: &[u8]) -> Option<Vec<&str>> {
    Some(std::str::from_utf8(data).ok()?.split('\0').collect())
}
