import { runService } from '@fleetwall/service';
import { gateway } from './gateway.js';

runService('gateway', gateway);
