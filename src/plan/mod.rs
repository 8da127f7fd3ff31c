//! What a change would do to what is deployed, before anything happens.
//!
//! * [`evaluate`]: a template with its parameters put in.
//! * [`resource_type`]: which properties of a resource can't be changed in place, from the schemas that AWS publishes.
//!
//! Pure, as `stack` is: what is deployed comes in as values.

pub mod evaluate;
pub mod resource_type;
