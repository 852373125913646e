// As many plugins as PLUGINS says, each with a table and a route; says on stdout when all are ready.
const path = require('path');
const express = require('express');
const { createBackend } = require('@backstage/backend-defaults');
const { coreServices, createBackendPlugin } = require('@backstage/backend-plugin-api');

const directory = path.join(__dirname, 'migrations');

const plugin = pluginId =>
  createBackendPlugin({
    pluginId,
    register: env =>
      env.registerInit({
        deps: { database: coreServices.database, http: coreServices.httpRouter },
        init: async ({ database, http }) => {
          const knex = await database.getClient();
          await knex.migrate.latest({ directory });
          const router = express.Router();
          router.get('/one', async (_, response) => response.json(await knex('item').select('id')));
          http.use(router);
          http.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
        },
      }),
  });

const backend = createBackend();
for (let i = 0; i < Number(process.env.PLUGINS); i++) {
  backend.add(plugin(`p${i}`));
}
backend.start().then(() => console.log(`ready http://127.0.0.1:${process.env.PORT} `));
