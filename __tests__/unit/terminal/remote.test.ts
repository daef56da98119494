import { describe, expect, test } from '@jest/globals';
import { parseRemote } from '../../../src/terminal/remote.ts';

describe('the repository of a remote', () => {
  test.each<[address: string, server: string, repository: string]>([
    ['https://github.com/Acme/Shop.git', 'https://github.com', 'Acme/Shop'],
    ['https://github.com/Acme/Shop/', 'https://github.com', 'Acme/Shop'],
    ['https://ada:token@github.com/Acme/Shop', 'https://github.com', 'Acme/Shop'],
    ['git@github.com:Acme/Shop.git', 'https://github.com', 'Acme/Shop'],
    ['github.com:Acme/Shop', 'https://github.com', 'Acme/Shop'],
    ['git@github.com:/Acme/Shop.git', 'https://github.com', 'Acme/Shop'],
    ['ssh://git@github.com/Acme/Shop.git', 'https://github.com', 'Acme/Shop'],
    ['ssh://git@ssh.github.com:443/Acme/Shop.git', 'https://github.com', 'Acme/Shop'],
    ['ssh://git@ghe.example.com:2222/Acme/Shop.git', 'https://ghe.example.com', 'Acme/Shop'],
    ['https://ghe.example.com:8443/Acme/Shop.git', 'https://ghe.example.com:8443', 'Acme/Shop'],
    ['http://ghe.example.com/Acme/Shop', 'http://ghe.example.com', 'Acme/Shop'],
    ['git://github.com/Acme/Shop', 'https://github.com', 'Acme/Shop'],
    ['git@gitlab.example.com:group/part/shop.git', 'https://gitlab.example.com', 'group/part/shop'],
    ['https://gitlab.example.com/group/part/shop.git', 'https://gitlab.example.com', 'group/part/shop'],
    ['org-123@github.com:Acme/my.site.git', 'https://github.com', 'Acme/my.site'],
    ['https://github.com/Acme/Caf%C3%A9', 'https://github.com', 'Acme/Café'],
  ])('%s', (address, server, repository) => expect(parseRemote(address)).toEqual({ server, repository }));

  test.each([
    '/srv/git/shop.git',
    '../shop.git',
    './a:b/c',
    'file:///srv/git/shop.git',
    'C:\\git\\shop',
    'git@github.com:shop',
    'https://github.com/',
    '',
  ])('is not known of %s', (address) => expect(parseRemote(address)).toBeUndefined());
});
