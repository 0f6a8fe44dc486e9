# The pages of the Django project that the smoke check's table asks for, behind Rails' HostAuthorization and SSL.
require "action_dispatch"
require "action_view"
require "zlib"

WELCOME = "<h1>Welcome</h1>"

def page(text, status = 200, headers = {})
  [status, { "Content-Type" => "text/html; charset=utf-8" }.merge(headers), [text]]
end

def redirect(location, status = 302)
  page("", status, "Location" => location)
end

class BreaksOff
  def each
    yield WELCOME
    raise "this page breaks off"
  end
end

APP = lambda do |env|
  case env["PATH_INFO"]
  when "/", "/en-gb/language/" then page(WELCOME)
  when "/about/" then page("<h1>About</h1>")
  when "/about" then redirect("/about/", 301)
  when "/error/" then raise "this page is broken"
  when "/delay/" then sleep(env["QUERY_STRING"][/[\d.]+/].to_f) && page(WELCOME)
  when "/large/" then page("Welcome#{"." * 1_000_000}end")
  when "/cut/" then page(WELCOME, 200, "Content-Length" => "1000")
  when "/break/" then [200, { "Content-Type" => "text/html; charset=utf-8" }, BreaksOff.new]
  when "/maintenance/" then page("<h1>Back soon</h1>", 503, "Retry-After" => "60")
  when "/limited/" then page("Slow down", 429)
  when "/encoded/" then page(Zlib.gzip(WELCOME), 200, "Content-Encoding" => "gzip")
  when "/www/" then env["HTTP_HOST"] == "www.octopus.energy" ? page(WELCOME) : redirect("https://www.octopus.energy/www/")
  when "/language/" then redirect("/en-gb/language/")
  when "/private/" then redirect("https://sso.example/authorize?state=hunter2")
  when "/login/" then page("<h1>403 Forbidden</h1>", 403)
  else page("Not Found", 404)
  end
end

raise LoadError, "this release does not load" if ENV["SMOKE_BREAK_IMPORT"] == "1"
use ActionDispatch::HostAuthorization, ENV.fetch("SMOKE_ALLOWED_HOSTS").split(",")
use ActionDispatch::SSL, hsts: false
run APP
