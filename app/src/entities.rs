//! What can be listened to, and what can happen to it: one line each. `access` has the rule for each entity.

use earshot_live::object::Object;

earshot_live::entities! {
    /// The kinds of persistable objects.
    pub enum Noun {
        /// Everyone on this server, of which there is one. What concerns all is heard here: an open room was created, somebody
        /// joined.
        Team = TEAM,
        /// One room with its messages and members.
        Room = ROOM,
        /// One person. What concerns this person alone is heard here, and only this person may listen.
        User = USER,
        /// One export of a room, as long as it is being made and until it is deleted. Only its owner may listen.
        Export = EXPORT,
        /// One message. What happens to it is heard on its room.
        Message = MESSAGE,
        /// One session. What happens to it is heard on its person.
        Session = SESSION,
    }
}

/// The one team there is.
pub const EVERYONE: Object = TEAM.object(1);

earshot_live::actions! {
    /// What can happen. Which object it is heard on stands behind each.
    pub const ACTIONS = [
        /// `Room`: a message was written.
        POSTED = "posted",
        /// `Room`: a message was changed by its author.
        EDITED = "edited",
        /// `Room`: a message, or the room itself (the entity says which), is no more. `Export`, and `User` of its owner: an export
        /// is no more.
        DELETED = "deleted",
        /// `Team`: an open room came to be. `User`: an export of this person's was ordered.
        CREATED = "created",
        /// `Export`: one more step of it is done, or the last, or it has failed.
        PROGRESSED = "progressed",
        /// `Room`: somebody's sign on a message came or went.
        REACTED = "reacted",
        /// `Room`: it has another name.
        RENAMED = "renamed",
        /// `Room`: somebody became a member. `Team`: somebody signed up.
        JOINED = "joined",
        /// `Team`: somebody's name or picture is another one.
        PROFILE_CHANGED = "profile_changed",
        /// `Room`: somebody is no longer a member. `User`: this person has left a room, by themselves.
        LEFT = "left",
        /// `User`: this person may read a room from now on.
        ADDED = "added",
        /// `User`: this person may no longer read a room, by somebody else's doing.
        REMOVED = "removed",
        /// `User`: a message is addressed to this person.
        NOTIFIED = "notified",
        /// `User`: this person has read a room, or wants to hear more or less of it.
        READ = "read",
        /// `User`: this person's role was given or taken away, or the whole account.
        ROLE_CHANGED = "role_changed",
        /// `User`: one of this person's sessions is over.
        SIGNED_OUT = "signed_out",
    ];
}
