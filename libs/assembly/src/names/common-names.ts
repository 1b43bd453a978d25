/**
 * Names that are tried everywhere, whether there is such an account or not: they are nobody's secret, and say what an attacker
 * is after. From the defaults of systems, services and devices.
 */
const NAMES = `
  root admin administrator administrador administrateur administrator1 admin1 admin2 admin123 adm sysadmin sysadm superadmin
  superuser superadministrator supervisor support guest gast invite user user1 user2 user123 usuario utilisateur benutzer test
  test1 test2 test123 testuser testing tester demo temp tmp default nobody anonymous public backup backups service svc system
  sys sysop operator manager owner master staff office reception scan scanner scan2mail copier printer kiosk pos pos1 terminal
  oracle postgres postgresql pgsql mysql mariadb mssql sa sqladmin sqlserver db dba dbadmin db2admin db2inst1 mongo mongodb
  redis elastic elasticsearch elk kibana logstash grafana prometheus zabbix nagios icinga cacti monitor monitoring
  www www-data web webadmin webmaster website http httpd apache apache2 nginx tomcat jboss wildfly glassfish weblogic iis
  iusr ftp ftpuser ftpadmin sftp sftpuser ftptest mail mailman mailuser postmaster hostmaster abuse info contact sales noreply
  no-reply newsletter support1 helpdesk webmail imap pop pop3 smtp postfix dovecot exim courier cyrus majordomo spam news uucp
  git gitlab gitea github gogs svn jenkins ci deploy deployer deployment build builder runner docker kubernetes k8s vagrant
  ansible puppet chef terraform hadoop spark hdfs hive kafka zookeeper airflow jupyter minecraft mcserver teamspeak ts3 steam
  csgo csserver game games gameserver bot discord nextcloud owncloud samba smb nas qnap synology nfs rsync odoo odoo17 sap
  ubuntu debian centos fedora redhat rhel alma almalinux rocky suse arch alpine amazon ec2-user aws azure azureuser gcp
  google opc cloud cloud-user cloudadmin vmware esxi esxadmin proxmox pi raspberry raspberrypi osmc openelec dietpi
  cisco juniper mikrotik ubnt ubiquiti fortinet fortigate pfsense opnsense sophos zyxel draytek huawei zte dlink tplink netgear
  router switch vpn openvpn wireguard pptp l2tp ipsec radius asterisk pbx freepbx sip voip telecomadmin
  bin daemon sync shutdown halt lp man irc list proxy sshd ntp dnsmasq bind named avahi messagebus systemd
  dev develop developer devops student teacher training webdev wordpress wp wpadmin wp-admin joomla drupal typo3 magento
  cpanel plesk directadmin webmin ispconfig vesta hestia phpmyadmin client customer kunde account accounts accounting finance
  hr it server server1 remote rdp rdpuser ts tsuser vnc citrix exchange sharepoint defaultaccount wdagutilityaccount krbtgt
  1234 12345 123456 a aa aaa abc x xx zz login username user-name api app apps application`;

const COMMON = new Set(NAMES.trim().split(/\s+/));

export function isCommonName(name: string): boolean {
  return COMMON.has(name.toLowerCase());
}
