//! The one thread that writes to a database. What waits when it comes round is executed in one transaction, each
//! piece of work in a savepoint of its own (unless it is alone, and the transaction is its own), and answered after the
//! commit: a hundred calls share one flush to disk.

use std::any::Any;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;

/// How much work may wait. Beyond that, callers wait before they are in the queue.
const QUEUE: usize = 1024;

/// How much work one transaction takes up.
const BATCH: usize = 256;

/// The way to a database's writing thread. Clones lead to the same thread.
#[derive(Clone, Debug)]
pub(crate) struct Writer(mpsc::Sender<Message>);

impl Writer {
    /// Starts the thread. It ends after [`Writer::stop`] or when the last clone is gone, in both cases once all work
    /// that is in the queue is done, and lets go of `held` last.
    pub(crate) fn start(conn: Connection, held: impl Any + Send) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name(String::from("store-writer"))
            .spawn(move || {
                serve(&conn, receiver);
                drop(conn);
                drop(held);
            })?;
        Ok((Self(sender), thread))
    }

    /// Has work done and waits until it is committed. Work that fails leaves no trace. Dropping the future before the
    /// work is in the queue means that it is never done, afterwards that nobody hears of it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work {
            work: Some(work),
            result: None,
            reply,
        });
        self.0.send(Message::Job(job)).await.map_err(|_| Fault::closed())?;
        answer.await.map_err(|_| Fault::closed())?
    }

    /// Lets the thread do what is in the queue and end.
    pub(crate) async fn stop(&self) {
        // An error means that it has ended.
        let _ = self.0.send(Message::Stop).await;
    }
}

enum Message {
    Job(Box<dyn Job>),
    Stop,
}

/// A piece of work in the queue, whatever its result.
trait Job: Send {
    /// Does it. Where it is not alone in its transaction, in a savepoint.
    fn run(&mut self, conn: &Connection, alone: bool);
    /// Whether it failed, so that nothing of it may stay.
    fn has_failed(&self) -> bool;
    /// Tells the caller, now that the transaction has ended.
    fn answer(self: Box<Self>, commit: &Result<(), Fault>);
}

struct Work<F, T> {
    work: Option<F>,
    result: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> Result<T, Fault> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection, alone: bool) {
        if let Some(work) = self.work.take() {
            self.result = Some(if alone { work(conn) } else { in_savepoint(conn, work) });
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self.result, Some(Err(_)))
    }

    fn answer(self: Box<Self>, commit: &Result<(), Fault>) {
        let result = match (self.result, commit) {
            (Some(Err(fault)), _) => Err(fault),
            (_, Err(fault)) => Err(fault.clone()),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(Fault(String::from("the work was never done"))),
        };
        // An error means that the caller has gone.
        let _ = self.reply.send(result);
    }
}

fn serve(conn: &Connection, mut queue: mpsc::Receiver<Message>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(message) = queue.blocking_recv() {
        let mut next = Some(message);
        while let Some(message) = next {
            match message {
                Message::Job(job) => batch.push(job),
                Message::Stop => queue.close(),
            }
            next = if batch.len() < BATCH {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        if batch.is_empty() {
            continue;
        }
        let commit = commit(conn, &mut batch);
        if let Err(fault) = &commit {
            tracing::error!(fault = %fault.0, calls = batch.len(), "nothing could be written");
        }
        for job in batch.drain(..) {
            job.answer(&commit);
        }
    }
}

/// Does the work in one transaction.
fn commit(conn: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = work(conn, batch).and_then(|end| Ok(conn.prepare_cached(end)?.execute([])?));
    if done.is_err() && !conn.is_autocommit() {
        conn.prepare_cached(UNDO)?.execute([])?;
    }
    done.map(|_| ())
}

const KEEP: &str = "COMMIT";
const UNDO: &str = "ROLLBACK";

/// Does the work, and says how the transaction is to end.
fn work(conn: &Connection, batch: &mut [Box<dyn Job>]) -> Result<&'static str, Fault> {
    let alone = batch.len() == 1;
    for job in &mut *batch {
        job.run(conn, alone);
        // Some failures (a full disk) undo the whole transaction, and work after that would stand alone.
        if conn.is_autocommit() {
            return Err(Fault(String::from(
                "the database gave up the transaction; the disk may be full",
            )));
        }
    }
    Ok(if alone && batch.iter().any(|job| job.has_failed()) {
        UNDO
    } else {
        KEEP
    })
}

fn in_savepoint<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    conn.prepare_cached("SAVEPOINT work")?.execute([])?;
    let result = work(conn);
    if result.is_err() {
        conn.prepare_cached("ROLLBACK TO work")?.execute([])?;
    }
    conn.prepare_cached("RELEASE work")?.execute([])?;
    result
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    type Answer = oneshot::Receiver<Result<i64, Fault>>;

    /// A queue that is filled before anybody serves it, so that what waits together is certain.
    struct Queue {
        folder: tempfile::TempDir,
        sender: mpsc::Sender<Message>,
        receiver: mpsc::Receiver<Message>,
    }

    impl Queue {
        fn new() -> Self {
            let (sender, receiver) = mpsc::channel(QUEUE);
            Self {
                folder: tempfile::tempdir().unwrap(),
                sender,
                receiver,
            }
        }

        fn connect(&self) -> Connection {
            let conn = Connection::open(self.folder.path().join("counter.db")).unwrap();
            conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS counter (n INTEGER NOT NULL)")
                .unwrap();
            conn
        }

        fn put(&self, work: impl FnOnce(&Connection) -> Result<i64, Fault> + Send + 'static) -> Answer {
            let (reply, answer) = oneshot::channel();
            let job = Box::new(Work {
                work: Some(work),
                result: None,
                reply,
            });
            self.sender.try_send(Message::Job(job)).ok().unwrap();
            answer
        }

        /// Serves what is there and says what the table counts then.
        fn serve(self) -> i64 {
            let (conn, onlooker) = (self.connect(), self.connect());
            drop(self.sender);
            serve(&conn, self.receiver);
            count(&onlooker)
        }
    }

    fn add(conn: &Connection) {
        conn.execute("INSERT INTO counter VALUES (1)", []).unwrap();
    }

    fn count(conn: &Connection) -> i64 {
        conn.query_row("SELECT count(*) FROM counter", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn waiting_work_shares_one_commit() {
        let queue = Queue::new();
        let onlooker = Arc::new(Mutex::new(queue.connect()));
        let answers: Vec<Answer> = (0..100)
            .map(|_| {
                let onlooker = Arc::clone(&onlooker);
                queue.put(move |conn| {
                    add(conn);
                    Ok(count(&onlooker.lock().unwrap()))
                })
            })
            .collect();
        assert_eq!(queue.serve(), 100);
        for answer in answers {
            assert_eq!(
                answer.blocking_recv().unwrap().unwrap(),
                0,
                "something was committed before it"
            );
        }
    }

    #[test]
    fn more_than_a_batch_takes_another_commit() {
        let queue = Queue::new();
        let onlooker = Arc::new(Mutex::new(queue.connect()));
        let mut answers: Vec<Answer> = (0..=BATCH)
            .map(|_| {
                let onlooker = Arc::clone(&onlooker);
                queue.put(move |conn| {
                    add(conn);
                    Ok(count(&onlooker.lock().unwrap()))
                })
            })
            .collect();
        let last = answers.pop().unwrap();
        queue.serve();
        assert_eq!(last.blocking_recv().unwrap().unwrap(), BATCH as i64);
    }

    #[test]
    fn work_that_fails_leaves_no_trace_and_the_rest_stands() {
        let queue = Queue::new();
        let before = queue.put(|conn| {
            add(conn);
            Ok(1)
        });
        let failing = queue.put(|conn| {
            add(conn);
            Err(Fault(String::from("no")))
        });
        let after = queue.put(|conn| {
            add(conn);
            Ok(2)
        });
        assert_eq!(queue.serve(), 2);
        assert_eq!(before.blocking_recv().unwrap().unwrap(), 1);
        assert_eq!(failing.blocking_recv().unwrap().unwrap_err().0, "no");
        assert_eq!(after.blocking_recv().unwrap().unwrap(), 2);
    }

    #[test]
    fn work_that_fails_alone_leaves_no_trace_either() {
        let queue = Queue::new();
        let failing = queue.put(|conn| {
            add(conn);
            Err(Fault(String::from("no")))
        });
        assert_eq!(queue.serve(), 0);
        assert_eq!(failing.blocking_recv().unwrap().unwrap_err().0, "no");
    }

    #[test]
    fn a_lost_transaction_is_told_to_everybody_in_it() {
        let queue = Queue::new();
        let before = queue.put(|conn| {
            add(conn);
            Ok(1)
        });
        let losing = queue.put(|conn| {
            conn.execute_batch("ROLLBACK").unwrap();
            Ok(2)
        });
        let after = queue.put(|conn| {
            add(conn);
            Ok(3)
        });
        assert_eq!(queue.serve(), 0);
        for answer in [before, losing, after] {
            answer.blocking_recv().unwrap().unwrap_err();
        }
    }

    #[test]
    fn work_that_came_before_the_stop_is_done() {
        let queue = Queue::new();
        queue.sender.try_send(Message::Stop).ok().unwrap();
        let late = queue.put(|conn| {
            add(conn);
            Ok(1)
        });
        assert_eq!(queue.serve(), 1);
        assert_eq!(
            late.blocking_recv().unwrap().unwrap(),
            1,
            "what is in the queue when it stops is still done"
        );
    }
}
