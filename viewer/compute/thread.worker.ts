import { bePageThread } from '../../workers/page/page-thread.ts';

bePageThread();
