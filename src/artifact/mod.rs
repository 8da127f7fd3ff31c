//! Images, environment files, addons and templates: named by their content, so that addresses are known before anything
//! is uploaded. Pure: bytes come in, names go out.
//!
//! * [`key`]: keys and addresses of objects in the artifact bucket.
//! * [`image`]: what is built for a service, under which tags, and the hash of what it is built from.
//! * [`dockerignore`]: which files of a build context a builder sees.
//! * [`dockerfile`]: what a Dockerfile says of the image: ports and health check.
//! * [`addons`]: the user's further templates as one, with the local files they name.
//! * [`site`]: a static site's files, and how they differ from those that are published.
//! * [`zip`]: archives that are the same for the same files.

pub mod addons;
pub mod dockerfile;
pub mod dockerignore;
pub mod image;
pub mod key;
pub mod site;
pub mod zip;

use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
