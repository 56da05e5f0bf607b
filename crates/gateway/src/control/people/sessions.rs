//! Sessions of people who logged in: known by the keyed hash of a random value, durable, few per person, and over when the
//! person is not the same any more.

use std::time::Duration;

use gateway_types::Wall;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Visitor, random};
use crate::control::{Control, ControlError, Shared};
use crate::ports::objects::Object;
use crate::settings::User;

/// The format of a stored session.
const VERSION: u32 = 1;
const KIND: &str = "session";
/// How long a session may rest.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// How long one lasts at the most.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// How exactly the last use is kept: not every call is worth a write.
const EXACT: Duration = Duration::from_secs(300);
/// Sessions of one person at the same time; the oldest make room.
const PER_PERSON: usize = 20;

/// What is kept of a session.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    v: u32,
    username: String,
    /// The role and password with which it began, as a keyed hash: a session does not outlive either.
    stamp: String,
    opened: Wall,
    seen: Wall,
}

/// A session that has begun.
#[derive(Debug)]
pub struct Session {
    /// What the browser keeps, and nobody else.
    pub value: String,
    /// When it is over, used or not.
    pub expires: Wall,
}

impl Control {
    /// Begins a session of somebody who has proved who they are.
    pub async fn open_session(&self, username: &str) -> Result<Session, ControlError> {
        let shared = self.shared();
        let user = shared.user(username).ok_or_else(|| super::no_user(username))?;
        let value = random("gws_")?;
        let now = shared.clock.now().wall;
        let kept = Kept {
            v: VERSION,
            username: user.username.clone(),
            stamp: shared.stamp(&user),
            opened: now,
            seen: now,
        };
        let _alone = shared.people.sessions.lock().await;
        shared.objects.prune(now).await?;
        shared.make_room(username, now).await?;
        shared.keep_session(&shared.session_id(&value), &kept).await?;
        let expires = now.plus(LONGEST);
        Ok(Session { value, expires })
    }

    /// Whose session that is, if it is one that lasts.
    pub async fn session(&self, value: &str) -> Result<Option<Visitor>, ControlError> {
        let shared = self.shared();
        let (id, now) = (shared.session_id(value), shared.clock.now().wall);
        let Some(mut kept) = shared.find_session(&id, now).await? else {
            return Ok(None);
        };
        let user = shared.user(&kept.username);
        let Some(user) = user.filter(|user| shared.stamp(user) == kept.stamp) else {
            shared.objects.remove(KIND, &id).await?;
            return Ok(None);
        };
        if now.since(kept.seen) >= EXACT {
            let _alone = shared.people.sessions.lock().await;
            // Not one that was ended meanwhile: that must not come back.
            if shared.find_session(&id, now).await?.is_some() {
                kept.seen = now;
                shared.keep_session(&id, &kept).await?;
            }
        }
        Ok(Some(Visitor::user(&user)))
    }

    /// Ends a session.
    pub async fn end_session(&self, value: &str) -> Result<(), ControlError> {
        let shared = self.shared();
        let _alone = shared.people.sessions.lock().await;
        Ok(shared.objects.remove(KIND, &shared.session_id(value)).await?)
    }
}

impl Shared {
    /// Ends all sessions of a person.
    pub(super) async fn end_sessions_of(&self, username: &str) -> Result<(), ControlError> {
        let _alone = self.people.sessions.lock().await;
        for (id, _) in self.sessions_of(username, self.clock.now().wall).await? {
            self.objects.remove(KIND, &id).await?;
        }
        Ok(())
    }

    async fn make_room(&self, username: &str, now: Wall) -> Result<(), ControlError> {
        let mut own = self.sessions_of(username, now).await?;
        own.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.opened));
        for (id, _) in own.iter().skip(PER_PERSON - 1) {
            self.objects.remove(KIND, id).await?;
        }
        Ok(())
    }

    async fn sessions_of(&self, username: &str, now: Wall) -> Result<Vec<(String, Kept)>, ControlError> {
        let all = self.objects.list(KIND, now).await?;
        let read = |object: Object| Some((object.id, serde_json::from_value::<Kept>(object.body).ok()?));
        let own = all.into_iter().filter_map(read);
        Ok(own.filter(|(_, kept)| kept.username == username).collect())
    }

    async fn find_session(&self, id: &str, now: Wall) -> Result<Option<Kept>, ControlError> {
        let found = self.objects.find(KIND, id, now).await?;
        let kept = found.and_then(|object| serde_json::from_value::<Kept>(object.body).ok());
        Ok(kept.filter(|kept| kept.v == VERSION))
    }

    async fn keep_session(&self, id: &str, kept: &Kept) -> Result<(), ControlError> {
        let object = Object {
            kind: KIND.to_owned(),
            id: id.to_owned(),
            body: json!(kept),
            at: kept.opened,
            expires: Some(kept.seen.plus(IDLE).min(kept.opened.plus(LONGEST))),
        };
        Ok(self.objects.put(&object).await?)
    }

    fn session_id(&self, value: &str) -> String {
        self.hasher.hash(value).to_string()
    }

    fn stamp(&self, user: &User) -> String {
        let said = format!("{}\n{}", user.role, user.password_hash);
        self.hasher.hash(&said).to_string()
    }
}
