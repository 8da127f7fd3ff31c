//! How traffic goes over to a new version that runs beside the old one, as ECS's deployment configuration says it.

use serde::Serialize;

use crate::model::service::{Pace, Shift};

/// A strategy as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShiftView {
    strategy: &'static str,
    bake_minutes: u64,
    canary: Option<PartView>,
    linear: Option<PartView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PartView {
    percent: f64,
    bake_minutes: u64,
}

impl ShiftView {
    /// The strategy of a service.
    #[must_use]
    pub fn new(shift: &Shift) -> Self {
        let (strategy, canary, linear) = match shift.pace {
            Pace::AtOnce => ("BLUE_GREEN", None, None),
            Pace::Canary { percent, bake_minutes } => {
                ("CANARY", Some(PartView { percent, bake_minutes }), None)
            }
            Pace::Linear { step, bake_minutes } => {
                ("LINEAR", None, Some(PartView { percent: step, bake_minutes }))
            }
        };
        Self { strategy, bake_minutes: shift.bake_minutes, canary, linear }
    }
}
