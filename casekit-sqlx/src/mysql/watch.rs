//! Waking those who wait for events: nobody tells, so we look.

use std::sync::Weak;
use std::time::Duration;

use crate::dialect::Mysql;
use crate::server::Core;

/// The longest that an event of another program goes unnoticed by those who wait.
const INTERVAL: Duration = Duration::from_millis(200);

/// Has those who wait look for events that others commit, again and again while somebody waits.
pub(super) async fn watch(core: Weak<Core<Mysql>>) {
    while let Some(shared) = core.upgrade().filter(|core| !core.is_unwatched()) {
        shared.tell_changed();
        drop(shared);
        tokio::time::sleep(INTERVAL).await;
    }
}
