//! The kinds of rooms, and the sign of each.

use leptos::prelude::*;

use crate::rooms::Room;

/// What tells rooms apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    Open,
    Closed,
    Direct,
}

impl Openness {
    pub fn of(room: &Room) -> Self {
        match (room.direct, room.closed) {
            (true, _) => Self::Direct,
            (false, true) => Self::Closed,
            (false, false) => Self::Open,
        }
    }

    pub fn description(self) -> &'static str {
        match self {
            Self::Open => "Open to everyone",
            Self::Closed => "Members only",
            Self::Direct => "Direct messages",
        }
    }

    /// The path of its sign.
    fn sign(self) -> &'static str {
        match self {
            Self::Open => "M6.5 2 5 14M11 2 9.5 14M2.5 5.5h11M2.5 10.5h11",
            Self::Closed => "M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z",
            Self::Direct => "M2.5 14c0-6 11-6 11 0M8 2.5a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6",
        }
    }
}

/// Tells the kinds of rooms apart at a glance.
#[component]
pub fn Sign(openness: Openness) -> impl IntoView {
    view! {
        <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d=openness.sign()/>
        </svg>
    }
}
