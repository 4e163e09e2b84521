#include "core/metadata/config_known.hpp"

namespace barnabas::metadata {

namespace {

using enum ConfigType;

// In this file every key is without effect.
constexpr KeyInfo known(ConfigType type, std::string_view name, std::string_view default_text,
                        std::string_view documentation) {
  return declare(type, name, default_text, documentation).not_yet();
}

constexpr KeyInfo kKnown[] = {
    // Threads, sockets and connections.
    known(int32, "num.network.threads", "3", "Threads that serve sockets. Here one event loop does.")
        .at_least(1)
        .dynamic(),
    known(int32, "num.io.threads", "8", "Threads that serve requests. Here one event loop does.").at_least(1).dynamic(),
    known(int32, "background.threads", "10", "Threads for background work.").at_least(1).dynamic(),
    known(int32, "num.replica.alter.log.dirs.threads", kNull, "Threads that move replicas between data directories."),
    known(int32, "socket.send.buffer.bytes", "102400", "Send buffer of a socket; -1 is the system's."),
    known(int32, "socket.receive.buffer.bytes", "102400", "Receive buffer of a socket; -1 is the system's."),
    known(int32, "socket.listen.backlog.size", "50", "Connections that may wait to be accepted.").at_least(1),
    known(int32, "max.connection.creation.rate", "2147483647", "Most new connections in a second.")
        .at_least(0)
        .dynamic(),
    known(int32, "connection.failed.authentication.delay.ms", "100",
          "How long a failed authentication keeps its connection.")
        .at_least(0),
    known(int64, "connections.max.reauth.ms", "0", "How long an authentication holds; 0 is for ever."),
    known(int64, "socket.connection.setup.timeout.ms", "10000", "How long connecting to a broker may take at first."),
    known(int64, "socket.connection.setup.timeout.max.ms", "30000",
          "How long connecting to a broker may take after failures."),
    // Listeners between brokers.
    known(string, "control.plane.listener.name", kNull, "Listener that the controller uses."),
    known(string, "inter.broker.protocol.version", "3.9-IV0", "Version of the protocol between brokers."),
    known(list, "early.start.listeners", kNull, "Listeners that start before the authorizer."),
    // ZooKeeper.
    known(boolean, "zookeeper.set.acl", "false", "Whether znodes are protected by ACLs."),
    known(int32, "zookeeper.max.in.flight.requests", "10", "Most unanswered requests.").at_least(1),
    known(boolean, "zookeeper.metadata.migration.enable", "false", "Migration to KRaft, which Barnabas does not do."),
    known(boolean, "zookeeper.ssl.client.enable", "false", "Whether to speak TLS."),
    known(string, "zookeeper.clientCnxnSocket", kNull, "Java class of the connection."),
    known(string, "zookeeper.ssl.keystore.location", kNull, "Key store."),
    known(password, "zookeeper.ssl.keystore.password", kNull, "Password of the key store."),
    known(string, "zookeeper.ssl.keystore.type", kNull, "Type of the key store."),
    known(string, "zookeeper.ssl.truststore.location", kNull, "Trust store."),
    known(password, "zookeeper.ssl.truststore.password", kNull, "Password of the trust store."),
    known(string, "zookeeper.ssl.truststore.type", kNull, "Type of the trust store."),
    known(string, "zookeeper.ssl.protocol", "TLSv1.2", "TLS version."),
    known(list, "zookeeper.ssl.enabled.protocols", kNull, "TLS versions."),
    known(list, "zookeeper.ssl.cipher.suites", kNull, "Cipher suites."),
    known(string, "zookeeper.ssl.endpoint.identification.algorithm", "HTTPS", "How host names are checked."),
    known(boolean, "zookeeper.ssl.crl.enable", "false", "Whether to check revocation lists."),
    known(boolean, "zookeeper.ssl.ocsp.enable", "false", "Whether to ask for revocations."),
    // Files of the log.
    known(int32, "log.flush.start.offset.checkpoint.interval.ms", "60000", "How often log start offsets are written.")
        .at_least(0),
    known(int32, "num.recovery.threads.per.data.dir", "1", "Threads that recover logs at the start.")
        .at_least(1)
        .dynamic(),
    known(int64, "log.dir.failure.timeout.ms", "30000", "How long a failed data directory may go unreported.")
        .at_least(1),
    known(int64, "log.initial.task.delay.ms", "30000", "How long background work waits after the start.").at_least(0),
    known(string, "log.message.format.version", "3.0-IV1", "Format of stored messages; always v2."),
    known(int64, "log.message.timestamp.difference.max.ms", "9223372036854775807",
          "How far a timestamp may be off; replaced by log.message.timestamp.before.max.ms and after.max.ms.")
        .at_least(0)
        .dynamic(),
    known(java_class, "create.topic.policy.class.name", kNull, "Plug-in that judges new topics."),
    known(java_class, "alter.config.policy.class.name", kNull, "Plug-in that judges configuration changes."),
    // Replication and the controller.
    known(int32, "replica.socket.receive.buffer.bytes", "65536", "Receive buffer of a follower."),
    known(int32, "num.replica.fetchers", "1", "Fetching connections to each leader.").dynamic(),
    known(int32, "fetch.purgatory.purge.interval.requests", "1000", "Housekeeping of waiting fetches."),
    known(int32, "producer.purgatory.purge.interval.requests", "1000", "Housekeeping of waiting produces."),
    known(int32, "delete.records.purgatory.purge.interval.requests", "1", "Housekeeping of waiting record deletions."),
    known(int64, "replica.alter.log.dirs.io.max.bytes.per.second", "9223372036854775807",
          "Most bytes a second that replicas may move between data directories.")
        .at_least(0)
        .dynamic(),
    // Groups and offsets.
    known(list, "group.coordinator.rebalance.protocols", "classic", "Group protocols that are served.")
        .one_of("classic,consumer,share"),
    known(int32, "group.coordinator.threads", "1", "Threads of the new group coordinator.").at_least(1),
    known(boolean, "group.coordinator.new.enable", "false", "Whether Kafka uses its new group coordinator."),
    known(int32, "group.coordinator.append.linger.ms", "10", "How long the new group coordinator collects writes.")
        .at_least(0),
    known(int32, "group.consumer.session.timeout.ms", "45000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.min.session.timeout.ms", "45000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.max.session.timeout.ms", "60000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.heartbeat.interval.ms", "5000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.min.heartbeat.interval.ms", "5000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.max.heartbeat.interval.ms", "15000", "Of the consumer group protocol of KIP-848.")
        .at_least(1),
    known(int32, "group.consumer.max.size", "2147483647", "Of the consumer group protocol of KIP-848.").at_least(1),
    known(list, "group.consumer.assignors",
          "org.apache.kafka.coordinator.group.assignor.UniformAssignor,org.apache.kafka.coordinator.group.assignor."
          "RangeAssignor",
          "Of the consumer group protocol of KIP-848."),
    known(string, "group.consumer.migration.policy", "disabled", "Of the consumer group protocol of KIP-848."),
    known(int32, "offsets.load.buffer.size", "5242880", "Memory for loading committed offsets.").at_least(1),
    known(int32, "offsets.topic.compression.codec", "0", "Codec of the topic of committed offsets."),
    known(int16, "offsets.commit.required.acks", "-1", "Acks that a commit waits for."),
    // Transactions.
    known(int32, "transactional.id.expiration.ms", "604800000", "How long an unused transactional id is remembered.")
        .at_least(1),
    known(int32, "transaction.max.timeout.ms", "900000", "Longest timeout a transaction may ask for.").at_least(1),
    known(int32, "transaction.state.log.num.partitions", "50", "Partitions of the topic of transactions.").at_least(1),
    known(int16, "transaction.state.log.replication.factor", "3", "Replicas of the topic of transactions.").at_least(1),
    known(int32, "transaction.state.log.min.isr", "2", "In-sync replicas that topic needs.").at_least(1),
    known(int32, "transaction.state.log.segment.bytes", "104857600", "Its segment size.").at_least(1),
    known(int32, "transaction.state.log.load.buffer.size", "5242880", "Memory for loading transactions.").at_least(1),
    known(int32, "transaction.abort.timed.out.transaction.cleanup.interval.ms", "10000",
          "How often timed-out transactions are looked for.")
        .at_least(1),
    known(int32, "transaction.remove.expired.transaction.cleanup.interval.ms", "3600000",
          "How often expired ids are looked for.")
        .at_least(1),
    known(boolean, "transaction.partition.verification.enable", "true",
          "Whether a leader asks before it takes a transaction's first batch.")
        .dynamic(),
    // Quotas.
    known(int32, "quota.window.num", "11", "Windows that are remembered.").at_least(1),
    known(int32, "quota.window.size.seconds", "1", "Length of a window.").at_least(1),
    known(int32, "replication.quota.window.num", "11", "Windows that are remembered.").at_least(1),
    known(int32, "replication.quota.window.size.seconds", "1", "Length of a window.").at_least(1),
    known(int32, "alter.log.dirs.replication.quota.window.num", "11", "Windows that are remembered.").at_least(1),
    known(int32, "alter.log.dirs.replication.quota.window.size.seconds", "1", "Length of a window.").at_least(1),
    known(int32, "controller.quota.window.num", "11", "Windows that are remembered.").at_least(1),
    known(int32, "controller.quota.window.size.seconds", "1", "Length of a window.").at_least(1),
    known(java_class, "client.quota.callback.class", kNull, "Plug-in that gives quotas."),
    // Metrics and reporters.
    known(int32, "metrics.num.samples", "2", "Samples of a metric.").at_least(1),
    known(int64, "metrics.sample.window.ms", "30000", "Length of a sample.").at_least(1),
    known(string, "metrics.recording.level", "INFO", "How much is measured."),
    known(list, "metric.reporters", "", "Plug-ins that are told metrics."),
    known(boolean, "auto.include.jmx.reporter", "true", "Whether JMX is always one of them."),
    known(list, "kafka.metrics.reporters", "", "Plug-ins that are told Yammer metrics."),
    known(int32, "kafka.metrics.polling.interval.secs", "10", "How often they are told.").at_least(1),
    known(int32, "telemetry.max.bytes", "1048576", "Largest telemetry of a client.").at_least(1),
    // Security.
    known(java_class, "authorizer.class.name", "", "Plug-in that authorizes."),
    known(string, "super.users", kNull, "Principals that may do anything."),
    known(boolean, "allow.everyone.if.no.acl.found", "false", "Whether what has no ACL is open to all."),
    known(java_class, "principal.builder.class",
          "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
          "Plug-in that names who is connected."),
    known(list, "security.providers", kNull, "Java security providers."),
    known(password, "password.encoder.secret", kNull, "Secret that encrypts passwords in ZooKeeper."),
    known(password, "password.encoder.old.secret", kNull, "The secret before."),
    known(string, "password.encoder.keyfactory.algorithm", kNull, "How keys are made of it."),
    known(string, "password.encoder.cipher.algorithm", "AES/CBC/PKCS5Padding", "How passwords are encrypted."),
    known(int32, "password.encoder.key.length", "128", "Length of those keys.").at_least(8),
    known(int32, "password.encoder.iterations", "4096", "Rounds of making a key.").at_least(1024),
    known(password, "delegation.token.master.key", kNull, "Old name of delegation.token.secret.key."),
    known(password, "delegation.token.secret.key", kNull, "Secret that signs delegation tokens."),
    known(int64, "delegation.token.max.lifetime.ms", "604800000", "Longest life of a token.").at_least(1),
    known(int64, "delegation.token.expiry.time.ms", "86400000", "Life of a token between renewals.").at_least(1),
    known(int64, "delegation.token.expiry.check.interval.ms", "3600000", "How often expired tokens are removed.")
        .at_least(1),
    // TLS.
    known(string, "ssl.protocol", "TLSv1.3", "TLS version."),
    known(string, "ssl.provider", kNull, "Java security provider."),
    known(list, "ssl.enabled.protocols", "TLSv1.2,TLSv1.3", "TLS versions."),
    known(list, "ssl.cipher.suites", "", "Cipher suites."),
    known(string, "ssl.client.auth", "none", "Whether clients must show a certificate.")
        .one_of("required,requested,none"),
    known(string, "ssl.keystore.type", "JKS", "Type of the keystore."),
    known(string, "ssl.keystore.location", kNull, "File of the keystore."),
    known(password, "ssl.keystore.password", kNull, "Password of the keystore."),
    known(string, "ssl.truststore.type", "JKS", "Type of the truststore."),
    known(string, "ssl.truststore.location", kNull, "File of the truststore."),
    known(password, "ssl.truststore.password", kNull, "Password of the truststore."),
    known(password, "ssl.key.password", kNull, "Password of the key."),
    known(password, "ssl.keystore.key", kNull, "The key itself."),
    known(password, "ssl.keystore.certificate.chain", kNull, "The certificates themselves."),
    known(password, "ssl.truststore.certificates", kNull, "The trusted certificates themselves."),
    known(string, "ssl.keymanager.algorithm", "SunX509", "Java key manager."),
    known(string, "ssl.trustmanager.algorithm", "PKIX", "Java trust manager."),
    known(string, "ssl.endpoint.identification.algorithm", "https", "How host names are checked."),
    known(string, "ssl.secure.random.implementation", kNull, "Java random source."),
    known(list, "ssl.principal.mapping.rules", "DEFAULT", "How certificates become principals."),
    known(java_class, "ssl.engine.factory.class", kNull, "Plug-in that makes TLS engines."),
    known(boolean, "ssl.allow.dn.changes", "false", "Whether a reloaded certificate may have another name."),
    known(boolean, "ssl.allow.san.changes", "false",
          "Whether a reloaded certificate may have other alternative names."),
    // SASL.
    known(string, "sasl.mechanism.inter.broker.protocol", "GSSAPI", "Mechanism between brokers."),
    known(string, "sasl.mechanism.controller.protocol", "GSSAPI", "Mechanism towards KRaft controllers."),
    known(list, "sasl.enabled.mechanisms", "GSSAPI", "Mechanisms that are served."),
    known(password, "sasl.jaas.config", kNull, "Login of this broker."),
    known(java_class, "sasl.server.callback.handler.class", kNull, "Plug-in that verifies."),
    known(java_class, "sasl.client.callback.handler.class", kNull, "Plug-in that answers."),
    known(java_class, "sasl.login.class", kNull, "Plug-in that logs in."),
    known(java_class, "sasl.login.callback.handler.class", kNull, "Plug-in for logging in."),
    known(int32, "sasl.server.max.receive.size", "524288", "Largest SASL token."),
    known(string, "sasl.kerberos.service.name", kNull, "Kerberos name of the brokers."),
    known(string, "sasl.kerberos.kinit.cmd", "/usr/bin/kinit", "Path of kinit."),
    known(float64, "sasl.kerberos.ticket.renew.window.factor", "0.8", "When a ticket is renewed."),
    known(float64, "sasl.kerberos.ticket.renew.jitter", "0.05", "Jitter of that."),
    known(int64, "sasl.kerberos.min.time.before.relogin", "60000", "Least time between logins."),
    known(list, "sasl.kerberos.principal.to.local.rules", "DEFAULT", "How Kerberos names become principals."),
    known(float64, "sasl.login.refresh.window.factor", "0.8", "When a token is refreshed."),
    known(float64, "sasl.login.refresh.window.jitter", "0.05", "Jitter of that."),
    known(int16, "sasl.login.refresh.min.period.seconds", "60", "Least time between refreshes."),
    known(int16, "sasl.login.refresh.buffer.seconds", "300", "Least life left at a refresh."),
    known(int32, "sasl.login.connect.timeout.ms", kNull, "How long a login may take to connect."),
    known(int32, "sasl.login.read.timeout.ms", kNull, "How long a login may take to read."),
    known(int64, "sasl.login.retry.backoff.ms", "100", "Wait between tries to log in."),
    known(int64, "sasl.login.retry.backoff.max.ms", "10000", "Longest wait between tries."),
    known(string, "sasl.oauthbearer.token.endpoint.url", kNull, "Of OAUTHBEARER tokens."),
    known(string, "sasl.oauthbearer.jwks.endpoint.url", kNull, "Of OAUTHBEARER tokens."),
    known(string, "sasl.oauthbearer.scope.claim.name", "scope", "Of OAUTHBEARER tokens."),
    known(string, "sasl.oauthbearer.sub.claim.name", "sub", "Of OAUTHBEARER tokens."),
    known(string, "sasl.oauthbearer.expected.issuer", kNull, "Of OAUTHBEARER tokens."),
    known(list, "sasl.oauthbearer.expected.audience", kNull, "Of OAUTHBEARER tokens."),
    known(int32, "sasl.oauthbearer.clock.skew.seconds", "30", "Of OAUTHBEARER tokens."),
    known(int64, "sasl.oauthbearer.jwks.endpoint.refresh.ms", "3600000", "Of OAUTHBEARER tokens."),
    known(int64, "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "100", "Of OAUTHBEARER tokens."),
    known(int64, "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", "10000", "Of OAUTHBEARER tokens."),
    // Tiered storage.
    known(boolean, "remote.log.storage.system.enable", "false", "Whether there is tiered storage."),
    known(java_class, "remote.log.storage.manager.class.name", kNull, "Plug-in that stores segments."),
    known(string, "remote.log.storage.manager.class.path", kNull, "Where that plug-in is."),
    known(java_class, "remote.log.metadata.manager.class.name",
          "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
          "Plug-in that keeps what is stored."),
    known(string, "remote.log.metadata.manager.listener.name", kNull, "Listener it uses."),
    known(int32, "remote.log.manager.thread.pool.size", "10", "Threads of tiered storage.").at_least(1),
    // KRaft. Barnabas runs in ZooKeeper mode.
    known(list, "process.roles", "", "Roles of a KRaft process."),
    known(int32, "node.id", "-1", "Id of a KRaft process; here broker.id is the id."),
    known(list, "controller.quorum.voters", "", "KRaft controllers."),
    known(list, "controller.quorum.bootstrap.servers", "", "KRaft controllers."),
    known(list, "controller.listener.names", kNull, "Listeners of KRaft controllers."),
    known(string, "metadata.log.dir", kNull, "Directory of the KRaft log."),
    known(int32, "initial.broker.registration.timeout.ms", "60000", "How long registering may take."),
    known(int32, "broker.heartbeat.interval.ms", "2000", "Heartbeats of a KRaft broker."),
    known(int32, "broker.session.timeout.ms", "9000", "Session of a KRaft broker."),
    // What only KRaft, tiered storage and share groups know.
    known(int32, "controller.quorum.append.linger.ms", "25", "Of KRaft controllers."),
    known(int32, "controller.quorum.election.backoff.max.ms", "1000", "Of KRaft controllers."),
    known(int32, "controller.quorum.election.timeout.ms", "1000", "Of KRaft controllers."),
    known(int32, "controller.quorum.fetch.timeout.ms", "2000", "Of KRaft controllers."),
    known(int32, "controller.quorum.request.timeout.ms", "2000", "Of KRaft controllers."),
    known(int32, "controller.quorum.retry.backoff.ms", "20", "Of KRaft controllers."),
    known(boolean, "eligible.leader.replicas.enable", "false", "Of KRaft controllers."),
    known(int32, "group.share.delivery.count.limit", "5", "Of share groups (KIP-932).").between(2, 10),
    known(boolean, "group.share.enable", "false", "Of share groups (KIP-932)."),
    known(int32, "group.share.heartbeat.interval.ms", "5000", "Of share groups (KIP-932).").at_least(1),
    known(int16, "group.share.max.groups", "10", "Of share groups (KIP-932).").between(1, 100),
    known(int32, "group.share.max.heartbeat.interval.ms", "15000", "Of share groups (KIP-932).").at_least(1),
    known(int32, "group.share.max.record.lock.duration.ms", "60000", "Of share groups (KIP-932).")
        .between(30000, 3600000),
    known(int32, "group.share.max.session.timeout.ms", "60000", "Of share groups (KIP-932).").at_least(1),
    known(int16, "group.share.max.size", "200", "Of share groups (KIP-932).").between(10, 1000),
    known(int32, "group.share.min.heartbeat.interval.ms", "5000", "Of share groups (KIP-932).").at_least(1),
    known(int32, "group.share.min.record.lock.duration.ms", "15000", "Of share groups (KIP-932).").between(1000, 30000),
    known(int32, "group.share.min.session.timeout.ms", "45000", "Of share groups (KIP-932).").at_least(1),
    known(int32, "group.share.partition.max.record.locks", "200", "Of share groups (KIP-932).").between(100, 10000),
    known(int32, "group.share.record.lock.duration.ms", "30000", "Of share groups (KIP-932).").between(1000, 60000),
    known(int32, "group.share.session.timeout.ms", "45000", "Of share groups (KIP-932).").at_least(1),
    known(int64, "metadata.log.max.record.bytes.between.snapshots", "20971520", "Of KRaft controllers.").at_least(1),
    known(int64, "metadata.log.max.snapshot.interval.ms", "3600000", "Of KRaft controllers.").at_least(0),
    known(int32, "metadata.log.segment.bytes", "1073741824", "Of KRaft controllers.").at_least(12),
    known(int32, "metadata.log.segment.min.bytes", "8388608", "Of KRaft controllers.").at_least(12),
    known(int64, "metadata.log.segment.ms", "604800000", "Of KRaft controllers."),
    known(int32, "metadata.max.idle.interval.ms", "500", "Of KRaft controllers.").at_least(0),
    known(int64, "metadata.max.retention.bytes", "104857600", "Of KRaft controllers."),
    known(int64, "metadata.max.retention.ms", "604800000", "Of KRaft controllers."),
    known(int32, "remote.fetch.max.wait.ms", "500", "Of tiered storage.").at_least(1),
    known(int64, "remote.log.index.file.cache.total.size.bytes", "1073741824", "Of tiered storage.").at_least(1),
    known(int32, "remote.log.manager.copier.thread.pool.size", "-1", "Of tiered storage."),
    known(int64, "remote.log.manager.copy.max.bytes.per.second", "9223372036854775807", "Of tiered storage.")
        .at_least(1),
    known(int32, "remote.log.manager.copy.quota.window.num", "11", "Of tiered storage.").at_least(1),
    known(int32, "remote.log.manager.copy.quota.window.size.seconds", "1", "Of tiered storage.").at_least(1),
    known(int32, "remote.log.manager.expiration.thread.pool.size", "-1", "Of tiered storage."),
    known(int64, "remote.log.manager.fetch.max.bytes.per.second", "9223372036854775807", "Of tiered storage.")
        .at_least(1),
    known(int32, "remote.log.manager.fetch.quota.window.num", "11", "Of tiered storage.").at_least(1),
    known(int32, "remote.log.manager.fetch.quota.window.size.seconds", "1", "Of tiered storage.").at_least(1),
    known(int64, "remote.log.manager.task.interval.ms", "30000", "Of tiered storage.").at_least(1),
    known(int64, "remote.log.manager.task.retry.backoff.max.ms", "30000", "Of tiered storage.").at_least(1),
    known(int64, "remote.log.manager.task.retry.backoff.ms", "500", "Of tiered storage.").at_least(1),
    known(float64, "remote.log.manager.task.retry.jitter", "0.2", "Of tiered storage."),
    known(int32, "remote.log.metadata.custom.metadata.max.bytes", "128", "Of tiered storage.").at_least(0),
    known(string, "remote.log.metadata.manager.class.path", kNull, "Of tiered storage."),
    known(string, "remote.log.metadata.manager.impl.prefix", "rlmm.config.", "Of tiered storage."),
    known(int32, "remote.log.reader.max.pending.tasks", "100", "Of tiered storage.").at_least(1),
    known(int32, "remote.log.reader.threads", "10", "Of tiered storage.").at_least(1),
    known(string, "remote.log.storage.manager.impl.prefix", "rsm.config.", "Of tiered storage."),
    known(int64, "server.max.startup.time.ms", "9223372036854775807", "How long a KRaft process may take to start.")
        .at_least(0),
    known(int64, "unclean.leader.election.interval.ms", "300000", "Of KRaft controllers.").at_least(1),
    known(boolean, "unstable.api.versions.enable", "false", "Whether what is still under development is offered."),
    known(boolean, "unstable.feature.versions.enable", "false", "Whether what is still under development is offered."),
    known(int32, "zookeeper.metadata.migration.min.batch.size", "200", "Of a migration to KRaft.").at_least(1),
};

}  // namespace

std::span<const KeyInfo> known_keys() { return kKnown; }

}  // namespace barnabas::metadata
