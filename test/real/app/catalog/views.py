import gzip
import os
import signal
import time

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse

from catalog.models import Product


def home(request):
    fault()
    return HttpResponse("<h1>Welcome</h1>")


def fault():
    """Does what the file SMOKE_FAULT_FILE says: `delay SECONDS`, `error`, or `error PID` for one worker alone."""
    try:
        with open(os.environ["SMOKE_FAULT_FILE"]) as file:
            word, *argument = file.read().split()
    except (KeyError, FileNotFoundError):
        return
    if word == "delay":
        time.sleep(float(argument[0]))
    elif not argument or int(argument[0]) == os.getpid():
        raise RuntimeError("this worker is broken")


def about(request):
    return HttpResponse("<h1>About</h1>")


def environment(request):
    """What the app was told of the request."""
    return JsonResponse(
        {
            "host": request.get_host(),
            "secure": request.is_secure(),
            "path": request.get_full_path(),
            "agent": request.META.get("HTTP_USER_AGENT"),
        }
    )


def wait_for(release):
    """Holds the worker until `release` appears, a file that the caller names, or for 60 seconds."""
    until = time.monotonic() + 60
    while time.monotonic() < until and not os.path.exists(release):
        time.sleep(0.01)


def slow(request):
    wait_for(request.GET["release"])
    return HttpResponse("<h1>Released</h1>")


def delay(request):
    """Takes as many seconds as it is told to."""
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("<h1>Welcome</h1>")


def drip(request):
    """Begins to answer, and then waits as `slow` does."""

    def body():
        yield "<h1>Wel"
        wait_for(request.GET["release"])
        yield "come</h1>"

    return StreamingHttpResponse(body())


def cut(request):
    """Promises more than it sends."""
    response = HttpResponse("<h1>Welcome</h1>")
    response["Content-Length"] = "1000"
    return response


def break_off(request):
    """Breaks while it is rendered, after its head was sent."""

    def body():
        yield "<h1>Welcome</h1>"
        raise RuntimeError("this view breaks off")

    return StreamingHttpResponse(body())


def maintenance(request):
    response = HttpResponse("<h1>Back soon</h1>", status=503)
    response["Retry-After"] = "60"
    return response


def limited(request):
    return HttpResponse("Slow down", status=429)


def encoded(request):
    """Compressed for a client that has not asked for it."""
    response = HttpResponse(gzip.compress(b"<h1>Welcome</h1>"))
    response["Content-Encoding"] = "gzip"
    return response


def redirect(location):
    response = HttpResponse(status=302)
    response["Location"] = location
    return response


def www(request):
    """The canonical host is another one."""
    if request.get_host() == "www.octopus.energy":
        return home(request)
    return redirect(f"https://www.octopus.energy{request.path}")


def language(request):
    return redirect(f"/en-gb{request.path}")


def private(request):
    return redirect("https://sso.example/authorize?state=hunter2")


def login(request):
    raise PermissionDenied


def error(request):
    raise RuntimeError("this view is broken")


def die(request):
    os.kill(os.getpid(), signal.SIGKILL)


def large(request):
    return HttpResponse("Welcome" + "." * 1_000_000 + "end")


def products(request):
    """A page that needs the database."""
    return HttpResponse(f"<h1>{Product.objects.count()} products</h1>")
