import kafkajs, { type AclEntry } from 'kafkajs';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const { READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS, CREATE } = AclOperationTypes;

interface Rights {
  /** Topics by name; one that ends in `*` stands for all that begin so. */
  reads?: string[];
  writes?: string[];
  groups?: string[];
}

/** What each principal of a cluster may do, beyond seeing all topics of Fleetwall; the README says it in commands. */
export const RIGHTS: Record<string, Rights> = {
  'fleetwall-gateway': {
    reads: ['fleetwall.blocks', 'fleetwall.audit', 'fleetwall.ingest.*'],
    writes: ['fleetwall.events.*', 'fleetwall.enforcement', 'fleetwall.dead-letter'],
    groups: ['fleetwall-ingest'],
  },
  'fleetwall-correlation': {
    reads: ['fleetwall.events.*', 'fleetwall.observations', 'fleetwall.windows'],
    writes: ['fleetwall.observations', 'fleetwall.windows', 'fleetwall.alerts'],
    groups: ['fleetwall-match', 'fleetwall-count'],
  },
  'fleetwall-response': {
    reads: ['fleetwall.alerts', 'fleetwall.requests', 'fleetwall.blocks', 'fleetwall.audit'],
    writes: ['fleetwall.blocks', 'fleetwall.requests', 'fleetwall.audit'],
    groups: ['fleetwall-response'],
  },
  'fleetwall-indexer': {
    reads: ['fleetwall.events.*', 'fleetwall.alerts', 'fleetwall.blocks'],
    writes: ['fleetwall.dead-letter'],
    groups: ['fleetwall-indexer*'],
  },
  // Its own failed logons are events of the product; messages that nobody takes go to the dead letters.
  'fleetwall-console': {
    reads: ['fleetwall.alerts', 'fleetwall.blocks', 'fleetwall.enforcement', 'fleetwall.audit'],
    writes: ['fleetwall.requests', 'fleetwall.audit', 'fleetwall.events.security', 'fleetwall.dead-letter'],
    groups: ['fleetwall-notifications'],
  },
};

/** The entries for one of {@link RIGHTS}. */
export function aclsOfService(name: string): AclEntry[] {
  const { reads = [], writes = [], groups = [] } = RIGHTS[name] as Rights;
  const { TOPIC, GROUP } = AclResourceTypes;
  return [
    ...entries(name, TOPIC, ['fleetwall.*'], [DESCRIBE, DESCRIBE_CONFIGS, CREATE]),
    ...entries(name, TOPIC, reads, [READ]),
    ...entries(name, TOPIC, writes, [WRITE]),
    ...entries(name, GROUP, groups, [READ, DESCRIBE]),
  ];
}

/** A shipper outside may write its own topic, and nothing else. */
export function aclsOfShipper(name: string): AclEntry[] {
  const operations = [WRITE, DESCRIBE, DESCRIBE_CONFIGS];
  return entries(name, AclResourceTypes.TOPIC, [`fleetwall.ingest.${name}`], operations);
}

function entries(name: string, resourceType: number, resources: string[], operations: number[]): AclEntry[] {
  return resources.flatMap((resource) =>
    operations.map((operation) => ({
      principal: `User:${name}`,
      host: '*',
      resourceType,
      resourceName: resource.replace(/\*$/, ''),
      resourcePatternType: resource.endsWith('*') ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      operation,
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
}
