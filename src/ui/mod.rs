//! What the user sees.
//!
//! * [`page`]: a view's page as aligned text.

pub mod page;
