import { runService } from '@fleetwall/service';
import { correlation } from './correlation.js';

runService('correlation', correlation);
