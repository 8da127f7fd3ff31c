//! The only home of the YAML crates.
//!
//! * [`node`]: a document as a tree in which every value knows its place in the text; manifests are read from it.
//! * [`template`]: CloudFormation documents as JSON values with long-form intrinsics, read and written.
//! * [`from_str`]: small typed documents of our own, such as the workspace file.

pub mod node;
pub mod template;

/// Reads a small typed document.
///
/// # Errors
/// The parser's message, which names line and column, when the text is no YAML or does not fit the type.
pub fn from_str<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// Writes a small typed document.
///
/// # Errors
/// A message when the value has no YAML form (a map key that is no scalar).
pub fn to_string<T: serde::Serialize>(value: &T) -> Result<String, String> {
    serde_yaml::to_string(value).map_err(|error| error.to_string())
}
