//! Names of an application with a domain: its zones, the records in them, and certificates.
//!
//! An application `shop` with the domain `example.com` has names in three zones: `example.com` (the root zone, which is the
//! user's) and `shop.example.com` in the application's account, `test.shop.example.com` in the account of the environment
//! `test`. The latter two stand in stacks. The environment's own zone is written to with the environment's manager role,
//! the other two with the application's DNS role.
//!
//! | who needs | calls |
//! |---|---|
//! | records of any name of the application | [`Zones::read`], then [`Zones::write`] and [`Zones::remove`] |
//! | a certificate that is in force, in any region | [`certificate::ensure`], later [`certificate::remove`] |
//! | an environment's delegation, certificates, aliases | [`environment`] |
//! | a service's aliases, a site's names, the host name of a service on App Runner | [`service::Named`], and whether it may have
//! them: [`validate`] |
//! | the domain of a new application | [`root`] |
//!
//! All of it can be run again after it was stopped anywhere: what is there already is kept, and only records that say what we
//! would write are removed.

mod association;
pub mod certificate;
pub mod environment;
mod failure;
pub mod names;
mod others;
pub mod root;
pub mod service;
mod site;
pub mod validate;
mod zones;

pub use failure::Failure;
pub(in crate::ops) use others::refuse_in_app;
pub(in crate::ops) use zones::Zones;
