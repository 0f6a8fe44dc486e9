import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readEnvSchema } from '../../src/checks/env/env-schema.ts'
import { discoverVariables } from '../../src/cli/discover-variables.ts'
import { run } from '../../src/cli/run.ts'

const found = (text: string) =>
  Object.fromEntries(
    discoverVariables([{ path: 'a', text }]).map(({ name, required, type }) => [
      name,
      `${required ? 'required' : 'optional'} ${type}`,
    ]),
  )

t.test('env discover › finds what Python reads, with or without a default', async t => {
  t.strictSame(
    found(`
A = os.environ["A"]
B = os.environ.get('B')
C = os.environ.get("C", "x")
D = os.getenv("D")
E = os.getenv("E", default=f(1, (2)))
F = env("F")
G = env.str("G", default="")
H = env.int(
    "H",
    default=1,
)
I = env.float("I")
J = env.url("J")
K = value_from_env("K")
L = config("L", cast=int)
M = config("M", default=True, cast=bool)
# N = os.environ["N"]
O = os.environ["O"] or "x"
app.config["P"], self.config("Q"), config("lower"), my_env("R")
`),
    {
      A: 'required string',
      B: 'required string',
      C: 'optional string',
      D: 'required string',
      E: 'optional string',
      F: 'required string',
      G: 'optional string',
      H: 'optional integer',
      I: 'required number',
      J: 'required uri',
      K: 'required string',
      L: 'required integer',
      M: 'optional string',
      O: 'optional string',
    },
  )
})

t.test('env discover › finds what JavaScript and Ruby read', async t => {
  t.strictSame(
    found(`
process.env.A; process.env['B']; process.env.C ?? 'x'; process.env.D || 1
// process.env.E
ENV["F"]; ENV.fetch("G"); ENV.fetch("H", "x"); ENV.fetch("I") { 1 }
`),
    {
      A: 'required string',
      B: 'required string',
      C: 'optional string',
      D: 'optional string',
      F: 'required string',
      G: 'required string',
      H: 'optional string',
      I: 'optional string',
    },
  )
})

t.test('env discover › finds what libraries read under a name of their own', async t => {
  t.strictSame(
    found(`
DATABASES = {"default": env.db(), "other": env.db("OTHER_URL"), "third": env.db_url(engine="x")}
CACHES = {"default": env.cache(default="locmemcache://")}
vars().update(env.email_url())
SEARCH = env.search_url("SEARCH", default="simple://")
DATABASES = {"replica": dj_database_url.config(env="REPLICA_URL", conn_max_age=600)}
HOSTS = config("HOSTS", cast=Csv())
PORT = config("PORT", cast=lambda v: int(v, 10))
LEVEL = env("LEVEL", cast=str, default=f("a", "b"))
# env.cache_url()
`),
    {
      DATABASE_URL: 'required string',
      OTHER_URL: 'required string',
      CACHE_URL: 'optional string',
      EMAIL_URL: 'required string',
      SEARCH: 'optional string',
      REPLICA_URL: 'required string',
      HOSTS: 'required string',
      PORT: 'required string',
      LEVEL: 'optional string',
    },
  )
  t.strictSame(found('DATABASES["default"] = dj_database_url.config(default="sqlite:///x")\n'), {
    DATABASE_URL: 'optional string',
  })
})

t.test('env discover › finds the fields of pydantic settings', async t => {
  t.strictSame(
    found(`
class Settings(BaseSettings):
    """From the environment."""
    model_config = SettingsConfigDict(env_prefix="APP_")
    known: ClassVar[int] = 1

    secret_key: str
    port: int = 8000
    ratio: float
    token: SecretStr = Field(...)
    url: str = Field(validation_alias="SERVICE_URL")
    debug: bool = Field(False, description="x")
    # comment: str

    @property
    def other(self) -> str:
        local: str = "x"
        return local

class Other(BaseModel):
    not_read: str
`),
    {
      APP_SECRET_KEY: 'required string',
      APP_PORT: 'optional integer',
      APP_RATIO: 'required number',
      APP_TOKEN: 'required string',
      SERVICE_URL: 'required string',
      APP_DEBUG: 'optional string',
    },
  )
})

t.test('env discover › finds destructured variables, and the key of Rails credentials', async t => {
  t.strictSame(
    found(`
const { A, B = 'x', C: renamed, D: other = 1 } = process.env
const {
  E,
  // F,
  G = '',
} = process.env;
const { H } = process.env.PREFIXED ?? {}
`),
    {
      A: 'required string',
      B: 'optional string',
      C: 'required string',
      D: 'optional string',
      E: 'required string',
      G: 'optional string',
      PREFIXED: 'optional string',
    },
  )
  t.strictSame(found('config.require_master_key = true'), { RAILS_MASTER_KEY: 'required string' })
  t.strictSame(found('key = Rails.application.credentials.stripe'), { RAILS_MASTER_KEY: 'optional string' })
})

t.test("env discover › django-environ's scheme gives defaults and types", async t => {
  t.strictSame(
    found(`
env = environ.Env(
    # set casting, default value
    DEBUG=(bool, False),
    PORT=(int, 8000), HOSTS=(list, []),
    SECRET=str,
)
DEBUG = env("DEBUG")
SECRET = env("SECRET")
LEVEL = os.getenv("LEVEL") or "info"
os.environ.setdefault("SETTINGS", "a.b")
os.environ.pop("GONE", None)
DATABASES = {"default": dj_database_url.config("NAMED_URL", conn_max_age=600)}
os.environ["WRITTEN"] = "x"
ASKED = os.environ["ASKED"] == "1"
`),
    {
      DEBUG: 'optional string',
      PORT: 'optional integer',
      HOSTS: 'optional string',
      SECRET: 'required string',
      LEVEL: 'optional string',
      SETTINGS: 'optional string',
      GONE: 'optional string',
      NAMED_URL: 'required string',
      ASKED: 'required string',
    },
  )
})

t.test('env discover › pydantic: prefixes, nested models, inheritance, aliases, several lines', async t => {
  t.strictSame(
    found(`
class Db(BaseModel):
    host: str
    port: int = 5432

class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="APP_",
        env_nested_delimiter="__",
    )
    db: Db
    names: list[str] = []
    token: Annotated[str, Field(min_length=3)]
    key: str = Field(validation_alias=AliasChoices("KEY", "OLD_KEY"))
    url: str = Field(
        ...,
        alias="SERVICE_URL",
    )
    level: str = Field(
        default="info",
    )

class Production(Settings):
    sentry: str

class Other(BaseSettings, env_prefix="OTHER_"):
    size: int
`),
    {
      APP_DB__HOST: 'required string',
      APP_DB__PORT: 'optional integer',
      APP_NAMES: 'optional string',
      APP_TOKEN: 'required string',
      KEY: 'optional string',
      OLD_KEY: 'optional string',
      SERVICE_URL: 'required string',
      APP_LEVEL: 'optional string',
      APP_SENTRY: 'required string',
      OTHER_SIZE: 'required integer',
    },
  )
})

t.test('env discover › JavaScript and Ruby: what is written, compared or asked about', async t => {
  t.strictSame(
    found(`
import { env } from 'node:process'
let { A = 'x' }: NodeJS.ProcessEnv = process.env
env.B; env.C ?? 1; process.env?.D; Bun.env.E; Deno.env.get("F")
process.env.G === 'production'; process.env.H ? 1 : 2; process.env.WRITTEN = 'x'; process.env.I?.trim()
import.meta.env.VITE_J
`),
    {
      A: 'optional string',
      B: 'required string',
      C: 'optional string',
      D: 'required string',
      E: 'required string',
      F: 'required string',
      G: 'optional string',
      H: 'optional string',
      I: 'required string',
    },
  )
  t.strictSame(
    found(`
ENV.fetch("A") do
  1
end
ENV["B"].present?
ENV["C"] ||= 'x'
ENV["WRITTEN"] = 'x'
ENV.fetch "D"
ENV.fetch "E", 1
ENV.dig("F")
ENV["G"] == "1"
`),
    {
      A: 'optional string',
      B: 'optional string',
      C: 'optional string',
      D: 'required string',
      E: 'optional string',
      F: 'optional string',
      G: 'optional string',
    },
  )
})

t.test('env discover › one place without a default makes a name required', async t => {
  t.strictSame(found('os.getenv("A", "x"); os.environ["A"]'), { A: 'required string' })
})

t.test('env discover › prints a schema that the env check takes', async t => {
  const dir = t.testdir()
  for (const folder of ['app', 'node_modules']) mkdirSync(join(dir, folder))
  writeFileSync(join(dir, 'app', 'settings.py'), 'import os\nKEY = os.environ["SECRET_KEY"]\n')
  writeFileSync(join(dir, 'app', 'data.txt'), 'os.environ["NOT_SOURCE"]')
  writeFileSync(join(dir, 'node_modules', 'a.js'), 'process.env.NOT_OURS')
  const printed = { out: '', err: '' }
  const terminal = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    env: {},
  }
  t.equal(await run(['env', 'discover', dir], terminal), 0)
  t.match(JSON.parse(printed.out), {
    required: ['SECRET_KEY'],
    properties: { SECRET_KEY: { type: 'string', description: 'read in app/settings.py:2' } },
  })
  t.match(readEnvSchema(printed.out), { ok: true, names: ['SECRET_KEY'] })
  t.match(printed.err, 'variables: 1, source files: 1')
  t.equal(await run(['env', 'discover', join(dir, 'none')], terminal), 64)
  t.equal(await run(['env', 'discover', join(dir, 'node_modules', '..', 'node_modules')], terminal), 0)
})
