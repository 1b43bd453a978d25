import { CATEGORY, TYPE } from '../event-builder.js';
import { type FieldMap, SUBJECT, type WindowsEntry, type WindowsTable } from './entry.js';

/** Instance ids of what is connected by USB: the device itself, its storage, or a portable device of that storage. */
const USB = /^(?:USB|USBSTOR)[\\#]|(?:^|[\\_?#])USBSTOR#/i;

function device(fields: FieldMap): WindowsEntry {
  return {
    action: 'usb-device-connected',
    category: CATEGORY.host,
    type: TYPE.info,
    fields,
    complete: (event) => typeof event['device.id'] === 'string' && USB.test(event['device.id']),
  };
}

const ID = ['DeviceInstanceId', 'DeviceId', 'InstanceId', 'instance', 'lifetime'];

/** Security 6416: a device that the system had not seen before. */
export const NEW_DEVICE: WindowsTable = {
  6416: device({ ...SUBJECT, 'device.id': 'DeviceId', 'device.model.name': 'DeviceDescription' }),
};

/** Microsoft-Windows-DriverFrameworks-UserMode: a driver host is asked to load a device. */
export const USER_MODE_DRIVERS: WindowsTable = { 2003: device({ 'device.id': ID }) };

/** Microsoft-Windows-Kernel-PnP, channel Device Configuration: a device was configured (400) and started (410). */
export const PLUG_AND_PLAY: WindowsTable = {
  400: device({ 'device.id': ID, 'device.manufacturer': 'DriverProvider' }),
  410: device({ 'device.id': ID }),
};
