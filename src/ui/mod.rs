//! What the user sees.
//!
//! * [`diagnostic`]: findings in a file, drawn with their place.
//! * [`page`]: a view's page as aligned text.

pub mod diagnostic;
pub mod page;
