import { runService } from '@fleetwall/service';
import { standalone } from './standalone.js';

runService('standalone', standalone);
