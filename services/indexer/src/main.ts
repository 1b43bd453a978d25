import { runService } from '@fleetwall/service';
import { indexer } from './indexer.js';

runService('indexer', indexer);
