//! Components of no noun.

mod closing;
mod copy_field;
mod focus;
mod form;
mod here;
mod keys;
mod lasting;
mod live_status;
mod modal;
mod once;
mod part;
mod raw_text;
mod requests;
mod status;
pub mod storage;
mod text;
mod time;
mod toast;
mod visible;
mod zone;

pub use closing::ask_before_closing;
pub use copy_field::CopyField;
pub use focus::{COMPOSER, focus, focus_composer, pass_focus_on};
pub use form::{
    ForgetRefusal, Form, LeftBehind, PageForm, Refusal, Rejected, Sentence, left_behind, provide_rejected, typed,
};
pub use here::here;
pub use keys::{composes, types_on_screen};
pub use lasting::Lasting;
pub use live_status::LiveStatus;
pub use modal::Modal;
pub use once::send_forms_once;
pub use part::{Part, hydrate_around_parts, hydrate_part};
pub use raw_text::raw_text;
#[cfg(feature = "ssr")]
pub use requests::ASKED_AS;
pub use requests::{ask_as, limit_requests};
pub use status::Fault;
pub use text::Text;
pub use time::{Clock, Day, Time};
pub use toast::{Toast, ToastList, Toasts, provide_toasts};
pub use visible::visible;
pub use zone::{Zone, provide_zone, zone};
