import { runProcess } from '@fleetwall/process';
import { startCollector } from './start-collector.js';

runProcess('collector', startCollector);
