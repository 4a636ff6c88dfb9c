import type { FaultKind } from './fault.js';
import { brokerFaults } from './faults/broker.js';
import { databaseFaults } from './faults/database.js';
import { messageFaults } from './faults/messages.js';
import { networkFaults } from './faults/network.js';
import { processFaults } from './faults/processes.js';
import { providerFaults } from './faults/provider.js';

/** Every kind of fault that there is. To add one, add an entry to a file of `faults/`. */
export const catalogue: readonly FaultKind[] = [
  ...processFaults,
  ...brokerFaults,
  ...databaseFaults,
  ...networkFaults,
  ...providerFaults,
  ...messageFaults,
];
