//! What a change would do to what is deployed, before anything happens.
//!
//! * [`evaluate`]: a template with its parameters put in.
//! * [`resource_type`]: which properties of a resource can't be changed in place, from the schemas that AWS publishes.
//! * [`form`]: values in a form that does not depend on an order that means nothing.
//! * [`change`]: a deployed template against a wanted one, resource by resource and property by property; [`words`]: what the
//!   manifest calls a property; [`value`]: values as people read them, without secrets.
//! * [`guard`]: what holds data or takes traffic, so that nobody replaces or deletes it by accident.
//! * [`order`]: what may start when, where workloads wait for each other; [`unchanged`]: whether a stack is as it would be
//!   deployed; [`touched`]: whether files that changed are among those that a workload is made of.
//! * [`price`]: prices by region; [`cost`]: what a template's resources cost a month.
//!
//! Pure, as `stack` is: what is deployed comes in as values.

pub mod change;
pub mod cost;
pub mod evaluate;
pub mod form;
pub mod guard;
pub mod order;
pub mod price;
pub mod resource_type;
pub mod touched;
pub mod unchanged;
pub mod value;
pub mod words;
