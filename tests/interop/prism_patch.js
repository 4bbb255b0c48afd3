// prism_patch.js: the published specs with the corrections that their own documentation calls for, so that
// Prism checks our requests and not their slips. Usage: node prism_patch.js looker|slack IN OUT
'use strict';
const fs = require('fs');

function operations(spec) {
    const found = [];
    for (const [path, item] of Object.entries(spec.paths))
        for (const [method, operation] of Object.entries(item))
            if (operation && operation.responses)
                found.push({path, method, item, operation});
    return found;
}

function looker(spec) {
    // "Pass 'client_id' and 'client_secret' as body parameters": the spec still has them in the query.
    for (const parameter of spec.paths['/login'].post.parameters)
        Object.assign(parameter, {in: 'formData', required: true});
    // "text" is no media type, and every call but the login needs its token.
    spec.securityDefinitions = {token: {type: 'apiKey', name: 'Authorization', in: 'header'}};
    // Made-up answers say true: nothing that lies in the trash is asked for any further.
    for (const definition of Object.values(spec.definitions))
        if (definition.properties)
            delete definition.properties.deleted;
    for (const {path, operation} of operations(spec)) {
        if (operation.produces)
            operation.produces = operation.produces.map((type) => (type === 'text' ? 'text/plain' : type));
        if (path !== '/login')
            operation.security = [{token: []}];
    }
}

// What chat.postMessage takes as JSON (docs.slack.dev): the form's fields, with blocks and metadata as
// arrays and objects instead of texts.
function jsonBody(operation) {
    const properties = {metadata: {type: 'object'}};
    const required = [];
    for (const parameter of operation.parameters) {
        const whole = parameter.name === 'blocks' || parameter.name === 'attachments';
        properties[parameter.name] = whole ? {type: 'array'} : {type: parameter.type};
        if (parameter.required)
            required.push(parameter.name);
    }
    operation.consumes = ['application/json'];
    operation.parameters = [
        {name: 'body', in: 'body', schema: {type: 'object', properties, required, additionalProperties: false}},
    ];
}

function slack(spec) {
    for (const {operation} of operations(spec)) {
        // The token travels in the Authorization header.
        operation.parameters = operation.parameters.filter((parameter) => parameter.name !== 'token');
        // The answers are examples that do not fit their own schemas; ours are tested elsewhere.
        for (const response of Object.values(operation.responses))
            delete response.schema;
    }
    jsonBody(spec.paths['/chat.postMessage'].post);
    // Every method can be called with POST.
    spec.paths['/auth.test'].post = spec.paths['/auth.test'].get;
}

const [kind, from, to] = process.argv.slice(2);
const spec = JSON.parse(fs.readFileSync(from, 'utf8'));
({looker, slack})[kind](spec);
delete spec.host;
spec.schemes = ['http'];
fs.writeFileSync(to, JSON.stringify(spec));
