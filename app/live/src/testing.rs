//! The words of a small program, for tests.

crate::entities! {
    pub enum Noun {
        Team = TEAM,
        Room = ROOM,
        User = USER,
        Message = MESSAGE,
    }
}

crate::actions! {
    pub const ACTIONS = [
        POSTED = "posted",
        EDITED = "edited",
        DELETED = "deleted",
        RENAMED = "renamed",
        LEFT = "left",
    ];
}
