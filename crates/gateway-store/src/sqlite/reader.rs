//! The threads that read a database, beside the one that writes it. Each piece of work sees one state of the data.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;

/// How much work may wait. Beyond that, callers wait before they are in the queue.
const QUEUE: usize = 256;

type Queue = Arc<Mutex<mpsc::Receiver<Message>>>;
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

enum Message {
    Job(Job),
    Stop,
}

/// The way to a database's reading threads. Clones lead to the same threads.
#[derive(Clone, Debug)]
pub(crate) struct Readers(mpsc::Sender<Message>);

impl Readers {
    /// Starts a thread for each connection. They end after [`Readers::stop`] or when the last clone is gone, in both
    /// cases once all work that is in the queue is done, and let go of `held` last.
    pub(crate) fn start(
        conns: Vec<Connection>,
        held: &(impl Any + Clone + Send),
    ) -> std::io::Result<(Self, Vec<JoinHandle<()>>)> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(receiver));
        let threads = conns.into_iter().map(|conn| {
            let (queue, held) = (Arc::clone(&queue), held.clone());
            std::thread::Builder::new()
                .name(String::from("store-reader"))
                .spawn(move || {
                    serve(conn, &queue);
                    drop(held);
                })
        });
        Ok((Self(sender), threads.collect::<Result<_, _>>()?))
    }

    /// Reads. What is done to the data is undone.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            // A caller that has gone needs no answer.
            if !reply.is_closed() {
                let _ = reply.send(in_transaction(conn, work));
            }
        });
        self.0.send(Message::Job(job)).await.map_err(|_| Fault::closed())?;
        answer.await.map_err(|_| Fault::closed())?
    }

    /// Lets the threads do what is in the queue and end.
    pub(crate) async fn stop(&self) {
        // An error means that they have ended.
        let _ = self.0.send(Message::Stop).await;
    }
}

fn serve(mut conn: Connection, queue: &Queue) {
    loop {
        // The lock is held only while waiting for work: whoever has it takes the next piece.
        let message = {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let message = queue.blocking_recv();
            if let Some(Message::Stop) = message {
                queue.close();
            }
            message
        };
        match message {
            Some(Message::Job(job)) => job(&mut conn),
            Some(Message::Stop) => {}
            None => return,
        }
    }
}

fn in_transaction<T>(conn: &mut Connection, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    let transaction = conn.transaction()?;
    work(&transaction)
}
