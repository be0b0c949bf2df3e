/**
 * Logging in by opening a link, `/login#TOKEN`: what follows the # is sent to nobody, so that it stands in no log of a server or proxy. Credentials in
 * front of the host would do for the page, but a page that was opened so may fetch nothing.
 */
import Router from '@koa/router';

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Vidhuk: log in</title>
    <link rel="icon" href="data:," />
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }
      form { display: grid; gap: 12px; width: min(320px, 88vw); }
      h1 { font-size: 20px; margin: 0; }
      input, button { font: inherit; padding: 8px 10px; box-sizing: border-box; width: 100%; }
      output { color: #b00020; min-height: 1.5em; }
    </style>
  </head>
  <body>
    <form>
      <h1>Vidhuk: queues</h1>
      <input name="user" value="admin" autocomplete="username" hidden />
      <label>Admin token <input name="token" type="password" autocomplete="current-password" required autofocus /></label>
      <button>Log in</button>
      <output></output>
    </form>
    <script src="/login.js"></script>
  </body>
</html>
`;

const script = `const form = document.querySelector('form');
const say = (text) => { document.querySelector('output').value = text; };

async function logIn(token) {
  const bytes = new TextEncoder().encode('admin:' + token);
  const headers = { Authorization: 'Basic ' + btoa(String.fromCharCode(...bytes)) };
  try {
    const { ok } = await fetch('/login', { method: 'POST', headers });
    if (ok) location.replace('/queues');
    else say('This is not the admin token.');
  } catch {
    say('The worker does not answer.');
  }
}

function takeLink() {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token === '') return;
  history.replaceState(null, '', '/login'); // neither in the address bar nor in the history
  void logIn(token);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn(form.elements.token.value);
});
addEventListener('hashchange', takeLink);
takeLink();
`;

/** The page shows nothing, and is for everybody; `POST /login` is for the holder of the token. */
export function loginPages(): Router {
  const router = new Router();
  router.get('/login', (ctx) => {
    ctx.type = 'html';
    ctx.body = page;
  });
  router.get('/login.js', (ctx) => {
    ctx.type = 'text/javascript';
    ctx.body = script;
  });
  return router;
}
