/** Word lists of the TPC-H specification, section 4.2.2.13: https://www.tpc.org/tpc_documents_current_versions/pdf/tpc-h_v3.0.1.pdf */
const split = (text: string): readonly string[] => text.split(' ');

export const COLOURS = split(
  'almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished chartreuse chiffon chocolate coral cornflower ' +
    'cornsilk cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian ivory khaki ' +
    'lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint misty moccasin navajo navy olive orange orchid pale papaya ' +
    'peach peru pink plum powder puff purple red rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle ' +
    'tomato turquoise violet wheat white yellow',
);
export const TYPE_1 = split('STANDARD SMALL MEDIUM LARGE ECONOMY PROMO');
export const TYPE_2 = split('ANODIZED BURNISHED PLATED POLISHED BRUSHED');
export const TYPE_3 = split('TIN NICKEL BRASS STEEL COPPER');
export const CONTAINER_1 = split('SM LG MED JUMBO WRAP');
export const CONTAINER_2 = split('CASE BOX BAG JAR PKG PACK CAN DRUM');
export const SEGMENTS = split('AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD');
export const PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'] as const;
export const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'] as const;
export const MODES = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'] as const;
export const NOUNS = split(
  'foxes ideas theodolites pinto-beans instructions dependencies excuses platelets asymptotes courts dolphins multipliers sauternes warthogs frets ' +
    'dinos attainments somas braids hockey-players sheaves decoys realms pains grouches escapades packages requests accounts deposits',
);
export const VERBS = split(
  'sleep wake are cajole haggle nag use boost affix detect integrate maintain nod was lose sublate solve thrash promise engage hinder',
);
export const ADVERBS = split(
  'sometimes always never furiously slyly carefully blithely quickly fluffily slowly quietly ruthlessly thinly closely doggedly daringly',
);
export const ADJECTIVES = split(
  'furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged daring brave stealthy permanent enticing idle busy regular',
);

export const REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'] as const;
/** Name and region key, by nation key. */
export const NATIONS: readonly (readonly [string, number])[] = [
  ['ALGERIA', 0],
  ['ARGENTINA', 1],
  ['BRAZIL', 1],
  ['CANADA', 1],
  ['EGYPT', 4],
  ['ETHIOPIA', 0],
  ['FRANCE', 3],
  ['GERMANY', 3],
  ['INDIA', 2],
  ['INDONESIA', 2],
  ['IRAN', 4],
  ['IRAQ', 4],
  ['JAPAN', 2],
  ['JORDAN', 4],
  ['KENYA', 0],
  ['MOROCCO', 0],
  ['MOZAMBIQUE', 0],
  ['PERU', 1],
  ['CHINA', 2],
  ['ROMANIA', 3],
  ['SAUDI ARABIA', 4],
  ['VIETNAM', 2],
  ['RUSSIA', 3],
  ['UNITED KINGDOM', 3],
  ['UNITED STATES', 1],
];
