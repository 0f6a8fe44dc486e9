/**
 * Parameters that change neither what is asked nor of whom: pool sizes, timeouts of the app, and settings of a session
 * that the check's queries do not depend on. Compared in lower case.
 */
const harmless = new Set(
  [
    // libpq
    'application_name fallback_application_name client_encoding keepalives keepalives_idle keepalives_interval',
    'keepalives_count tcp_user_timeout gssencmode krbsrvname gsslib gssdelegation sslcompression sslsni',
    'load_balance_hosts sslcertmode min_protocol_version max_protocol_version',
    // settings of a session
    'timezone datestyle intervalstyle extra_float_digits client_min_messages work_mem statement_timeout lock_timeout',
    'idle_in_transaction_session_timeout idle_session_timeout default_transaction_isolation',
    'default_transaction_read_only standard_conforming_strings bytea_output jit plan_cache_mode',
    // Prisma
    'pgbouncer connection_limit pool_timeout socket_timeout statement_cache_size sslaccept sslidentity',
    'max_idle_connection_lifetime max_connection_lifetime single_use_connections',
    // SQLAlchemy, psycopg, asyncpg, Django
    'pool_size max_overflow pool_recycle pool_pre_ping pool_use_lifo prepare_threshold autocommit async_fallback',
    'prepared_statement_cache_size prepared_statement_name_func command_timeout conn_max_age conn_health_checks',
    'disable_server_side_cursors atomic_requests connection_factory cursor_factory server_side_binding',
    // Rails and Sequel
    'pool encoding adapter reaping_frequency idle_timeout checkout_timeout prepared_statements statement_limit',
    'advisory_locks insert_returning min_messages max_connections timeout strict retries connection_retries',
    // JDBC and R2DBC
    'applicationname autosave adaptivefetch allowencodingchanges assumeminserverversion binarytransfer',
    'binarytransferenable binarytransferdisable cancelsignaltimeout cleanupsavepoints connecttimeout',
    'databasemetadatacachefields databasemetadatacachefieldsmib defaultrowfetchsize disablecolumnsanitiser',
    'escapesyntaxcallmode gssencmode gssresponsetimeout groupstartupparameters hiddenunprivilegeduserparameters',
    'hostrecheckseconds loadbalancehosts logintimeout logunclosedconnections logserverererrordetail maxresultbuffer',
    'maxsendbuffersize preferquerymode preparethreshold preparedstatementcachequeries preparedstatementcachesizemib',
    'quotereturningidentifiers readonly readonlymode receivebuffersize rewritebatchedinserts sendbuffersize',
    'sockettimeout sslresponsetimeout stringtype tcpkeepalive tcpnodelay unknownlength usespnego',
    'fetchsize maxlifetime maximumpoolsize minimumidle',
    // Doctrine, sqlx
    'serverversion charset default_dbname statement-cache-capacity',
    // Go: lib/pq, pgx and golang-migrate
    'binary_parameters disable_prepared_binary_result default_query_exec_mode statement_cache_capacity',
    'statement_cache_mode description_cache_capacity min_read_buffer_size prefer_simple_protocol pool_max_conns',
    'pool_min_conns pool_min_idle_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter',
    'pool_max_conn_idle_time pool_health_check_period x-statement-timeout x-multi-statement',
    'x-multi-statement-max-size x-migrations-table-quoted x-lock-strategy x-lock-table x-advisory-lock-timeout',
    // Ecto
    'ssl_opts queue_target queue_interval socket_options prepare parameters ownership_timeout show_sensitive_data',
    // node-postgres, postgres.js, TypeORM, Sequelize
    'uselibpqcompat query_timeout keepalive keepalive_delay keepaliveinitialdelaymillis connectiontimeoutmillis',
    'idletimeoutmillis max min max_lifetime max_pipeline backoff debug transform fetch_types',
    // Npgsql
    'pooling minimum_pool_size maximum_pool_size connection_idle_lifetime connection_pruning_interval',
    'connection_lifetime no_reset_on_close max_auto_prepare auto_prepare_min_usages include_error_detail',
    'include_realm persist_security_info enlist tcp_keepalive tcp_keepalive_time tcp_keepalive_interval',
    'log_parameters multiplexing load_balance_hosts host_recheck_seconds internal_command_timeout',
    'cancellation_timeout read_buffer_size write_buffer_size trust_server_certificate client_encoding',
  ]
    .join(' ')
    .split(' '),
)

/** Parameters that login-of.ts gives a meaning. */
const honoured = new Set(
  [
    'host hostaddr port user username password dbname database ssl sslmode sslrootcert sslcert sslkey sslpassword',
    'sslnegotiation ssl_min_protocol_version ssl_max_protocol_version options search_path schema currentschema',
    'channel_binding channelbinding require_auth target_session_attrs targetservertype connect_timeout',
    'x-migrations-table schema_search_path searchpath sslfactory ssl-mode ssl-root-cert ssl-ca ssl-cert ssl-key',
  ]
    .join(' ')
    .split(' '),
)

/** Whether a parameter's meaning is known. `name` in lower case. */
const isKnownParameter = (name: string): boolean => honoured.has(name) || harmless.has(name)

/** Whether an unknown parameter may say where the tables are. `name` in lower case. */
export const mayNameSchema = (name: string): boolean =>
  !isKnownParameter(name) && /schema|search_?path|namespace/.test(name)

/** A name that cannot be a part of a password with an unescaped & or ?. */
const PLAIN = /^[a-z][a-z_.-]{1,39}$/i

/**
 * The names of unknown parameters as they may be shown. What follows a password may be a part of it, so that it is only
 * counted.
 */
export const unknownParameters = (names: readonly string[]): readonly string[] => {
  const password = names.findIndex(name => /^(?:password|sslpassword)$/i.test(name))
  const unknown = names.flatMap((name, i) => (isKnownParameter(name.toLowerCase()) ? [] : [{ name, i }]))
  const shown = unknown.filter(({ name, i }) => PLAIN.test(name) && (password < 0 || i < password))
  const hidden = unknown.length - shown.length
  return [
    ...new Set(shown.map(({ name }) => name)),
    ...(hidden > 0 ? [`${hidden} whose name may be a part of a secret`] : []),
  ]
}
