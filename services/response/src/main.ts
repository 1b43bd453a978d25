import { runService } from '@fleetwall/service';
import { response } from './response.js';

runService('response', response);
