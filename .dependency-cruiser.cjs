/** Who may import whom. Each rule says why, because a rule without its reason is the first to be switched off. */
const lib = (name) => `^libs/${name}/src/`;
const ownLibs = '^libs/(client|contracts|http|issuer|messaging|service|testing|verify)/';
const specs = '\\.spec(-support)?\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-app-to-app',
      comment: 'Services know each other by messages only. An import would make two deployments one.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'lib-through-index',
      comment: "What a lib shows is its index. A deep import makes its inside everybody's business.",
      severity: 'error',
      from: { path: '^(apps|libs|bench|demo|tests)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'foundations-stand-alone',
      comment: 'contracts, http and service import nothing of ours, so each can be read, tested and copied by itself.',
      severity: 'error',
      from: { path: '^libs/(contracts|http|service)/', pathNot: specs },
      to: { path: ownLibs, pathNot: '^libs/$1/' },
    },
    {
      name: 'messaging-on-foundations',
      comment: 'messaging stands on contracts, http and service; what tests need must not reach production.',
      severity: 'error',
      from: { path: lib('messaging'), pathNot: specs },
      to: { path: '^(libs/testing|apps|bench|demo|tests)/' },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'libs/testing starts and kills servers. Only specs and the programs that run the world may.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'issuer-nowhere-in-production',
      comment: 'libs/issuer gives anybody any token. No service may hold it: the demo and tests do.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '^libs/(issuer|testing)/'] },
      to: { path: '^libs/issuer/' },
    },
    {
      name: 'client-outside-of-services',
      comment: 'libs/client is for whoever stands outside. Services know each other by messages only.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '^libs/client/'] },
      to: { path: '^libs/client/' },
    },
    {
      name: 'verify-on-contracts',
      comment: 'What checks the system must not share code with it: a mistake that both make is never found. The map of messages is data.',
      severity: 'error',
      from: { path: lib('verify'), pathNot: specs },
      to: { path: '^(libs/(http|messaging|service|testing)|apps|bench|demo|tests)/' },
    },
    {
      name: 'verify-from-outside',
      comment: 'libs/verify reads every database. Services read their own.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '^libs/verify/'] },
      to: { path: '^libs/verify/' },
    },
    {
      name: 'no-feature-to-feature',
      comment: 'A feature folder leans on the entity folder, never on its neighbour: each can be opened, changed and removed alone.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/([^/]+-[^/]+)/', pathNot: specs },
      to: { path: '^apps/$1/src/[^/]+-[^/]+/', pathNot: '^apps/$1/src/($2|migrations)/' },
    },
    {
      name: 'no-entity-to-feature',
      comment: 'The entity folder is what the features lean on. Leaning back would tie them all together.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/[^/-]+/', pathNot: specs },
      to: { path: '^apps/$1/src/[^/]+-[^/]+/' },
    },
    {
      name: 'nothing-on-the-outside',
      comment: 'bench, demo and tests stand on everything; what stood on them would drag them into the image.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: specs },
      to: { path: '^(bench|demo|tests)/' },
    },
    {
      name: 'nothing-on-the-bench',
      comment: 'The bench measures what is there. What leaned on it would be part of what it measures.',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^bench/' },
    },
    {
      name: 'no-contender-to-contender',
      comment: 'Each contender is written as those write who know no other: what two share is no difference that is measured.',
      severity: 'error',
      from: { path: '^bench/contenders/([^/]+)/' },
      to: { path: '^bench/contenders/[^/]+/', pathNot: '^bench/contenders/$1/' },
    },
    {
      name: 'no-cycles',
      comment: 'With ES modules and decorators a cycle can read a class before it exists. What only names types is gone by then.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'The image is built without development packages.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [specs, '^libs/(client|testing)/'] },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['^dist/', '^\\.local/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'require', 'node', 'default'], exportsFields: ['exports'] },
  },
};
