import { LARGEST_MESSAGE } from '../transport/transport.ts';

const quoted = (text: string): string => JSON.stringify(text);

/** The configuration of a secured broker; its paths are those within the directory that it is started in. */
export const brokerConfiguration = (settings: {
  readonly port: number;
  readonly name: string;
  readonly systemAccount: string;
}): string => `# Broker of a Terrella cluster. Start it in this directory: nats-server -c nats-server.conf
server_name: ${quoted(settings.name)}
listen: "0.0.0.0:${settings.port}"

tls: {
  cert_file: "tls/server.pem"
  key_file: "tls/server-key.pem"
  # A machine that computes may be slow to shake hands.
  timeout: 5
}

# Who may connect and what each may do is in tokens that the operator signs. Changes of accounts are pushed and take effect at once.
operator: "operator.jwt"
system_account: ${settings.systemAccount}
resolver: { type: full, dir: "accounts", allow_delete: false }

jetstream: { store_dir: "jetstream", max_memory_store: 67108864 }

# The state of a tile is one message.
max_payload: ${LARGEST_MESSAGE}
max_connections: 4096
# Whoever does not say who it is within so many seconds is cut off.
authorization: { timeout: 5 }
# A reader that takes nothing for so long is cut off; a node that pauses for collection or a swap is not.
write_deadline: "10s"
# A machine that has lost its power is noticed within half a minute.
ping_interval: "10s"
ping_max: 2

# What the server is doing, for this machine alone:
# http: "127.0.0.1:8222"
`;
