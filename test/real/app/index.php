<?php
// The pages of the Django project that the smoke check's table asks for, as one front controller.
function page($text, $status = 200, $headers = []) {
  http_response_code($status);
  foreach ($headers as $header) header($header);
  echo $text;
}

function redirect($location, $status = 302) {
  header("Location: $location", true, $status);
}

$welcome = '<h1>Welcome</h1>';
$host = $_SERVER['HTTP_HOST'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!in_array($host, explode(',', getenv('SMOKE_ALLOWED_HOSTS')))) {
  page('<h1>Misdirected Request</h1>', 421);
  return;
}
if (($_SERVER['HTTPS'] ?? '') !== 'on') {
  redirect("https://$host{$_SERVER['REQUEST_URI']}", 301);
  return;
}
switch ($path) {
  case '/': case '/en-gb/language/': page($welcome); break;
  case '/about/': page('<h1>About</h1>'); break;
  case '/about': redirect('/about/', 301); break;
  case '/error/': undefined_function(); break;
  case '/large/': page('Welcome' . str_repeat('.', 1000000) . 'end'); break;
  case '/cut/': page($welcome, 200, ['Content-Length: 1000']); break;
  case '/break/': echo $welcome; ob_end_flush(); flush(); undefined_function(); break;
  case '/maintenance/': page('<h1>Back soon</h1>', 503, ['Retry-After: 60']); break;
  case '/limited/': page('Slow down', 429); break;
  case '/encoded/': page(gzencode($welcome), 200, ['Content-Encoding: gzip']); break;
  case '/www/': $host === 'www.octopus.energy' ? page($welcome) : redirect('https://www.octopus.energy/www/'); break;
  case '/language/': redirect('/en-gb/language/'); break;
  case '/private/': redirect('https://sso.example/authorize?state=hunter2'); break;
  case '/login/': page('<h1>403 Forbidden</h1>', 403); break;
  case '/delay/': usleep((int) ($_GET['seconds'] * 1e6)); page($welcome); break;
  default: page('Not Found', 404);
}
