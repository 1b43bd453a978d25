import { runService } from '@fleetwall/service';
import { consoleProcess } from './console-process.js';

runService('console', consoleProcess);
