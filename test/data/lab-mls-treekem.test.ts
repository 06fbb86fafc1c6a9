/** The MLS vectors of this group pass through the lab's isolating module; what is held stands in lab-mls/checks.ts. */
import { testGroup } from './lab-mls/checks.ts';

testGroup('treekem');
