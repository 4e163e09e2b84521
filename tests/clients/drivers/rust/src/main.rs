//! rskafka for the checks of the matrix (matrix/checks.toml).
//!
//! Usage: client BOOTSTRAP PREFIX CHECK...
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::Record;

const COUNT: usize = 1000;
const PARTITIONS: usize = 3;
const FIRST_TIMESTAMP: i64 = 1_700_000_000_000;
const WAIT: Duration = Duration::from_secs(30);
const TIMEOUT_MS: i32 = 20_000;
const REQUEST: Duration = Duration::from_secs(30);

fn replication_factor() -> i16 {
    std::env::var("REPLICATION_FACTOR").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

enum Outcome {
    Fail(String),
    Unsupported(&'static str),
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Outcome::Fail(error.to_string())
    }
}

impl From<tokio::time::error::Elapsed> for Outcome {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Outcome::Fail("no answer within 30 s".into())
    }
}

type Check = Result<(), Outcome>;

fn expect(holds: bool, otherwise: impl Into<String>) -> Check {
    if holds {
        Ok(())
    } else {
        Err(Outcome::Fail(otherwise.into()))
    }
}

fn refused<T>(expected: ProtocolError, result: Result<T, Error>) -> Check {
    match result {
        Ok(_) => Err(Outcome::Fail(format!("not refused; expected {expected}"))),
        Err(Error::ServerError { protocol_error, .. }) if protocol_error == expected => Ok(()),
        Err(e) => Err(Outcome::Fail(format!("refused with {e}, expected {expected}"))),
    }
}

fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).expect("a time")
}

fn value(i: usize) -> Vec<u8> {
    if i % 97 == 5 {
        return vec![];
    }
    let (mut x, mut out) = (i as u64 + 1, vec![]);
    for k in 0..(i * 37) % 1500 + 1 {
        if k % 16 == 0 {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        }
        out.push((x >> 33) as u8);
    }
    out
}

fn record(i: usize) -> Record {
    Record {
        key: Some(format!("k{i}").into_bytes()),
        value: Some(value(i)),
        headers: BTreeMap::from([("i".to_owned(), i.to_string().into_bytes())]),
        timestamp: time(FIRST_TIMESTAMP + i as i64),
    }
}

struct Suite {
    client: Client,
    prefix: String,
}

impl Suite {
    async fn topic(&self, name: &str, partitions: usize) -> Result<String, Outcome> {
        let topic = format!("{}-{name}", self.prefix);
        self.client.controller_client()?.create_topic(&topic, partitions as i32, replication_factor(), TIMEOUT_MS).await?;
        Ok(topic)
    }

    async fn partition(&self, topic: &str, partition: usize) -> Result<PartitionClient, Outcome> {
        // A new topic's leader is not known everywhere at once.
        Ok(self.client.partition_client(topic, partition as i32, UnknownTopicHandling::Retry).await?)
    }

    /// Sends the records to the partitions in turns, 100 in a batch.
    async fn produce(&self, topic: &str, partitions: usize, count: usize, codec: Compression) -> Check {
        for p in 0..partitions {
            let partition = self.partition(topic, p).await?;
            let mine: Vec<_> = (p..count).step_by(partitions).map(record).collect();
            for batch in mine.chunks(100) {
                let offsets = tokio::time::timeout(REQUEST, partition.produce(batch.to_vec(), codec)).await??;
                expect(offsets.len() == batch.len(), "not an offset for each record")?;
            }
        }
        Ok(())
    }

    /// Reads from the offset of each partition to its end, comparing all with what produce() sent.
    async fn read(&self, topic: &str, partitions: usize, from: usize, count: usize) -> Check {
        for p in 0..partitions {
            let partition = self.partition(topic, p).await?;
            let expected = (p..count).step_by(partitions).count();
            let (mut next, deadline) = (from, Instant::now() + WAIT);
            while next < expected {
                expect(Instant::now() < deadline, format!("{next} of {expected} records"))?;
                let (records, _) = partition.fetch_records(next as i64, 1..50_000, 500).await?;
                for r in records {
                    expect(r.offset == next as i64, format!("offset {}, expected {next}", r.offset))?;
                    let i = p + next * partitions;
                    expect(r.record == record(i), format!("record {i} is another"))?;
                    next += 1;
                }
            }
        }
        Ok(())
    }

    async fn codec(&self, name: &str, codec: Compression) -> Check {
        let topic = self.topic(name, PARTITIONS).await?;
        self.produce(&topic, PARTITIONS, COUNT, codec).await?;
        self.read(&topic, PARTITIONS, 0, COUNT).await
    }

    async fn admin(&self) -> Check {
        let topic = self.topic("admin", PARTITIONS).await?;
        let controller = self.client.controller_client()?;
        refused(ProtocolError::TopicAlreadyExists, controller.create_topic(&topic, 3, 1, TIMEOUT_MS).await)?;
        let found = self.client.list_topics().await?.into_iter().find(|t| t.name == topic);
        expect(found.is_some_and(|t| t.partitions.len() == PARTITIONS), "the topic is not there with its partitions")?;
        controller.delete_topic(&topic, TIMEOUT_MS).await?;
        let deadline = Instant::now() + WAIT;
        while self.client.list_topics().await?.iter().any(|t| t.name == topic) {
            expect(Instant::now() < deadline, "the topic is still there")?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn times(&self) -> Check {
        let topic = self.topic("times", 1).await?;
        self.produce(&topic, 1, 300, Compression::NoCompression).await?;
        let partition = self.partition(&topic, 0).await?;
        for (asked, expected) in [(-5, 0), (123, 123), (300, -1)] {
            let got = partition.get_offset(OffsetAt::Timestamp(time(FIRST_TIMESTAMP + asked))).await?;
            expect(got == expected, format!("offset {got} for a time, expected {expected}"))?;
        }
        expect(partition.get_offset(OffsetAt::Earliest).await? == 0, "the first offset")?;
        expect(partition.get_offset(OffsetAt::Latest).await? == 300, "the last offset")
    }

    async fn delete_records(&self) -> Check {
        let topic = self.topic("delrec", 1).await?;
        self.produce(&topic, 1, 300, Compression::NoCompression).await?;
        let partition = self.partition(&topic, 0).await?;
        partition.delete_records(100, TIMEOUT_MS).await?;
        expect(partition.get_offset(OffsetAt::Earliest).await? == 100, "the new first offset")?;
        self.read(&topic, 1, 100, 300).await
    }

    async fn large(&self) -> Check {
        let topic = self.topic("large", 1).await?;
        let mut big = record(1);
        big.value = Some(vec![0; 1_500_000]);
        let partition = self.partition(&topic, 0).await?;
        refused(ProtocolError::MessageTooLarge, partition.produce(vec![big], Compression::NoCompression).await)?;
        self.produce(&topic, 1, 10, Compression::NoCompression).await?;
        self.read(&topic, 1, 0, 10).await
    }

    async fn range(&self) -> Check {
        let topic = self.topic("range", 1).await?;
        self.produce(&topic, 1, 10, Compression::NoCompression).await?;
        let partition = self.partition(&topic, 0).await?;
        refused(ProtocolError::OffsetOutOfRange, partition.fetch_records(5000, 1..50_000, 500).await)
    }

    async fn unknown(&self) -> Check {
        let topic = format!("{}-unknown", self.prefix);
        let controller = self.client.controller_client()?;
        refused(ProtocolError::UnknownTopicOrPartition, controller.delete_topic(&topic, TIMEOUT_MS).await)
    }

    async fn run(&self, name: &str) -> Check {
        match name {
            "admin" => self.admin().await,
            "plain" => self.codec(name, Compression::NoCompression).await,
            "gzip" => self.codec(name, Compression::Gzip).await,
            "snappy" => self.codec(name, Compression::Snappy).await,
            "lz4" => self.codec(name, Compression::Lz4).await,
            "zstd" => self.codec(name, Compression::Zstd).await,
            "times" => self.times().await,
            "delrec" => self.delete_records().await,
            "large" => self.large().await,
            "range" => self.range().await,
            "unknown" => self.unknown().await,
            "idemp" => Err(Outcome::Unsupported("no idempotent producer")),
            "configs" => Err(Outcome::Unsupported("no configurations")),
            _ => Err(Outcome::Unsupported("no groups")),
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let client = ClientBuilder::new(vec![arguments[1].clone()]).build().await.expect("a broker that answers");
    let suite = Suite { client, prefix: arguments[2].clone() };
    let mut failed = false;
    for name in &arguments[3..] {
        let result = match tokio::time::timeout(4 * WAIT, suite.run(name)).await {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(Outcome::Unsupported(what))) => format!("none {what}"),
            Ok(Err(Outcome::Fail(why))) => format!("fail {why}"),
            Err(_) => "fail it did not end".to_owned(),
        };
        failed |= result.starts_with("fail");
        println!("CHECK {name} {}", result.replace('\n', " "));
    }
    std::process::exit(failed.into());
}
