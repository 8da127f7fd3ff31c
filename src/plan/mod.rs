//! What a change would do to what is deployed, before anything happens.
//!
//! * [`resource_type`]: which properties of a resource can't be changed in place, from the schemas that AWS publishes.
//!
//! Pure, as `stack` is: what is deployed comes in as values.

pub mod resource_type;
