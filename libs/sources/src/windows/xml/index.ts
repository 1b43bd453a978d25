export { parseEventXml, readEventXml } from './read-event-xml.js';
export { XmlRecord } from './xml-record.js';
