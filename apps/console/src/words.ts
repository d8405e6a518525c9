// Every sentence of the console, by page. Names of states and kinds are the
// server's own: see labels.ts.
interface Numbers { raised: number; lapsed: number; sessions: number; people: number; polls: number; outcomes: Record<string, number>; orders: { issued: number; done: number; late: number }; answers: Record<string, number> }

export const w = {
  name: '议事工作台',
  loading: '正在读取',
  again: '再试一次',
  more: '再看一些',
  all: '全部',
  none: '没有符合的。',
  done: '办好了',
  fold: '收起',
  pick: '请选择',
  count: (name: string, n: number) => `${name}（${n}）`,
  org: (name: string, kind: string) => `${name}（${kind}）`,

  api: {
    fault: '出了点问题，没有办成。请再试一次；还不行，请告诉管理员。',
    network: '没有连上服务器，还没有办。写的都还在，请看看网络，再点一次。',
    expired: '登录已经到期。写的都还在，重新登录以后再点一次。',
  },

  groups: { daily: '每天的事', doing: '办理', people: '人和内容', look: '查看' },

  // path: name, purpose
  desks: {
    today: ['今天', '要办的事都在这里，过期的排在最前面。'],
    triage: ['分办', '一件一件看新提的事，定下归到哪里、怎么办。'],
    topics: ['议题', '查每一件事到了哪一步。'],
    sessions: ['议事会', '安排、主持议事会，看记录。'],
    points: ['议事点', '居民在哪里、什么时候议事：改时间，打印门口的二维码。'],
    board: ['公示', '贴在公示栏上的结果，和邻居的异议。'],
    orders: ['工单', '谁在办什么，到哪天为止。'],
    alliance: ['街区联盟', '确认加入联盟的商户和单位。'],
    screenings: ['内容审看', '系统拿不准的文字和照片，看过才公开。'],
    people: ['居民和户册', '确认谁住在哪一户，查户册。'],
    staff: ['工作人员', '谁担任什么，账号和密码。'],
    map: ['事项和结果', '今年提了什么，结果怎样。只看自己这里，不排名。'],
    audits: ['操作记录', '谁在什么时候办了什么，只能看，不能改。'],
    data: ['规则和日历', '现在用的表决规则、办理日历和它们的来处。'],
    operator: ['运行', '没有送到的通知和要留意的地方。'],
  } as const,

  frame: { menu: '菜单和账号', skip: '跳到正文', desks: '工作台', office: '现在的职务', logout: '退出', nobody: '这个账号现在没有职务', nobodyNext: '请让上级在“工作人员”里给您职务，再重新登录。' },

  login: {
    title: '登录', purpose: '社区、街道和部门的工作人员从这里登录。', login: '登录名', password: '密码', code: '动态码（验证器上的六位数）', enter: '登录',
    forgot: '忘了密码，请让街道的两位同事帮您重设。', expired: '登录已经到期', kept: '这一页写的都还在。重新登录后接着办。',
  },

  account: {
    title: '我的账号', purpose: '改密码，绑定自己的微信。', number: (id: number) => `我的编号：${id}`, first: '请先换一个自己的密码', password: '换密码', rule: '至少10个字，有大写、小写字母、数字、符号里的三种，不含登录名。',
    old: '现在的密码', fresh: '新密码', again: '再写一遍新密码', renew: '换密码', renewed: '密码换好了', unlike: '两遍新密码不一样。',
    phone: '绑定微信', phoneWhy: '绑定以后，用手机发“待办”“主持”就能办事。在公众号里把下面的绑定码发出去。', tie: '要一个绑定码', until: (at: string) => `${at}前有效`,
  },

  lost: { title: '没有这一页', purpose: '地址可能写错了。', home: '回到今天' },

  time: {
    minutes: (n: number) => `${n}分钟`, hours: (n: number) => `${n}小时`, days: (n: number) => `${n}天`, late: (span: string) => `过期${span}`, left: (span: string) => `还有${span}`,
    in: (n: number) => `${n}天内`, provisional: '（暂定，等明年的日历）',
  },

  matter: { alarm: (code: string) => `可能有人身危险，先打电话（${code}）`, cosigns: (n: number) => `${n}人附议`, receipt: (r: string) => `受理号${r}`, photo: (n: number) => `照片${n}` },

  rule: (says: string) => `规则：${says}`,

  today: { late: '已经过期或紧急', near: '今天到期', later: '接下来', none: '都办完了，没有等您办的事。', held: '等人看', appeal: '居民申请复核' },

  triage: {
    place: (n: number, all: number) => `第${n}件，共${all}件`, before: '上一件', next: '下一件', none: '没有等着分办的事。', accepted: (title: string) => `“${title}”已经受理。`, plan: '给它安排议事会',
    which: '归到哪一项', suggested: '按内容推荐，点一下可以换', route: (level: string, pack: string) => `${level}办，按“${pack}”`, change: '选别的事项，改层级和规则', all: '参考目录全部事项', level: '哪一级办', pack: '表决规则',
    same: (name: string | undefined) => `照事项的（${name ?? ''}）`, grid: '哪个网格', whole: '整个社区', accept: '受理', said: '已受理，提的人会收到通知',
    other: '不这样办', ask: '追问', askWhat: '要请提的人补充什么', asks: ['请补充具体的位置和时间。', '请补一张照片，好看清楚情况。', '这件事还影响到哪些人？'], order: '直接派单', merge: '合并', redirect: '转办或不受理',
    alone: '没有找到相近的议题。', into: '并到哪一件', why: '为什么，转到哪里', to: (where: string, phone: string) => `转到${where || '对应渠道'}${phone ? `，电话${phone}` : ''}`, more: '还要说明的（可以不写）', redirectNow: '告诉提的人',
  },

  topics: { state: '状态', search: '找字词', lapsed: '只看过期的', find: '查' },

  topic: {
    title: '议题', purpose: '这件事的来龙去脉，和接下来能办的。', polls: '表决', record: '公开记录', orders: '办理', timeline: '经过', next: '接下来', now: (state: string, holder: string) => `现在：${state}，在${holder}手上。`, triage: '去分办',
    plan: '安排议事会', study: '交党组织研究', studied: '党组织研究完了', session: '看这次议事会', hall: '去主持', publish: '公示结果', publishName: '公示的内容', publishNow: '贴出去', published: '已经公示，15天后取下', refer: '转法定表决',
    passed: '法定表决通过了', failed: '法定表决没通过', result: '结果和依据', again: '再议一次', escalate: '上报街道', decide: '作决定', decision: '决定的内容', decideWhat: '要办的事（可以不写）', explain: '说明并结束', explainName: '给居民的说明',
    appealed: (why: string) => `提出人不同意转走，说：${why}`, upheld: '复核：重新处理', rejected: '复核：维持', answer: '给居民的答复', solvedFor: '替没有手机的提出人说：已解决', unsolvedFor: '替他说：没解决', consent: '怎么问到本人的', consents: ['当面问的，本人这样说。', '打电话问的，本人这样说。', '本人写在纸上，社区留着。'], archive: '归档', lesson: '留给别处的经验（可以不写）', lessons: ['先看现场再议，少走弯路。', '承办单位到场，当场说清时间。', '小事即时议，两周内办完。'], archived: '已归档，写进案例', resume: '恢复办理',
    paper: '打印公示', suspend: '暂缓', reason: '暂缓的理由，大家看得到', review: '哪天复查', words: '说明', promise: (n: number, what: string, who: string, until: string) => `${n}．${what}，${who}承办，${until}前办完。`,
  },

  raiseFor: {
    title: '替人提一件事', why: '来电话、来社区说的，替不用手机的人记下。', text: '什么事', consent: '他怎么说的', consents: ['打电话说的，让社区记下。', '到社区当面说的。', '写了纸条交来的。'], raise: '记下这件事', done: '已记下：', call: (number: string) => `有危险，请他马上打${number}`,
  },

  objection: { title: '异议', upheld: '异议成立。', rejected: '异议没有成立。', reject: '答复：不成立', uphold: '答复：成立', answer: '给邻居的答复' },

  promise: { title: '定下来的事', what: '要办的事', who: '谁来办', when: '到哪天', by: (name: string) => `${name}承办`, until: (day: string) => `${day}前`, make: '定下来', more: '再定一件', made: '已定下来，散会后派出' },

  orders: { running: '没有办完的', report: '办理情况：', sign: '签收', signed: '已签收', finish: '报告办完', finished: '已报告，等提的人确认', reportName: '办得怎么样', reports: ['已经办完，请提出人看看。', '已经修好，现场清理干净。'] },

  sessions: { coming: '要开的', past: '开过的', none: '还没有议事会。受理了议题就可以安排。' },

  points: {
    none: '这里还没有议事点。', weekdays: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'], every: (n: number) => `每${w.points.weekdays[n - 1] ?? ''}`,
    stop: (when: string, begins: string, ends: string, address: string) => `${when} ${begins}到${ends}，${address}`, next: (at: string) => `下一次：${at}`, change: '改时间和地点', keep: '存下新的时间', kept: '时间改好了，居民看到的是新的',
    make: '设一个议事点', done: '设好', name: '名字', kind: '固定还是流动', made: '议事点设好了', day: '哪一天', once: '只有一天', date: '日期', begins: '几点开始', ends: '几点结束', address: '在哪里', spot: '经纬度，用来算远近', spotHow: '先纬度后经度，中间用逗号，如30.01,103.00。地图上点一下就看得到。',
    line: (n: number) => `第${n}次`, more: '再加一次', drop: '去掉这一次', code: '打印二维码', codeOf: (name: string) => `${name}二维码`, scan: '扫一扫，看看这里什么时候议事，提一件事。', often: '议事时间',
  },

  plan: {
    title: '安排议事会', purpose: '选好议题，地点和时间已经按规则推荐。', topics: '议什么', noTopics: '没有可以上会的议题。先在“分办”里受理。', where: '在哪里，什么时候', point: '议事点', at: '开始时间',
    suggested: (days: number) => `这是议事点最近的、够${days}天公布期的时间。`, short: (days: number) => `不够${days}天公布期，为什么要提前`, due: '应到多少人', supervisor: '请谁监督', nobody: '不请', told: (at: string, n: number) => `${at}开，${n}件事。公布以后，提的人和附议的邻居会收到通知。`,
    announce: '公布', announced: '已公布', changed: '还没公布就改了安排。', start: '即时议，现在开', started: '开始议事', quick: '网格、小区的小事可以不等公布期，当场议。',
  },

  invite: { change: '还没开的会', why: '理由', short: '说明理由，提前公布', postpone: '改期', postpones: ['天气不好，改期。', '主要的人来不了，改期。'], cancel: '取消', title: '请哪些单位来', part: '承办单位', yes: '会来', no: '不来', waiting: '还没答复', who: '单位', send: '邀请', sent: '邀请已发出' },

  hall: {
    title: '议事会', purpose: '红色的按钮是现在要做的一步。', stale: '没有刷新，下面是刚才的情况。', supervisor: (name: string) => `监督：${name}`, reason: '理由：', begin: '开会', beginWhen: '开始前半小时起可以点。', begun: '开会了', words: '原话',
    end: '散会', undecided: (n: number) => `还有${n}件没有结论。有了结论，或者休会，才能散会。`, decided: '都有结论了，可以散会。散会后承诺的事就派出去。', close: '散会', closed: '散会了，承诺的事已派出', adjourn: '休会', why: '理由', adjourns: ['到的人不够，改天再议。', '时间不够，下次接着议。'],
    remarks: '监督意见', remark: '写监督意见', remarkName: '意见',
  },

  door: {
    title: '到场', code: '签到码', how: '在小程序、公众号里写这六位数签到，15秒换一次。', present: (n: number, due: number) => `到了${n}人，应到${due}人`, enough: (need: number) => `够${need}人，可以表决`, missing: (need: number, n: number) => `要${need}人，还差${n}人`, meter: '到场人数',
    byHand: '没带手机的人', name: '姓名', household: '门牌号（可以不写）', consent: '怎么认出本人的', consents: ['本人到场，当面认识', '看过身份证'], confirm: '记到场', came: '已记到场',
  },

  ask: { question: (title: string) => `${title.replace(/[。！？!?]+$/, '')}，您同意吗？`.slice(0, 200), name: '表决的问题', change: '换规则、换表决方式', method: '怎么投', options: '选项，一行一个', most: '最多选几项', points: '最高几分', open: '开始表决', opened: '开始表决了' },

  poll: { cast: (n: number, due: number) => `已投${n}票，应投${due}票`, waiting: (n: number) => `还有${n}张纸票没有录完`, close: '结束表决', closed: '表决结束', drop: '作废', hash: (h: string) => `表决编号${h}` },

  outcome: { title: '记下结论', which: '议成了什么', agreed: '达成一致', partly_agreed: '部分达成一致', no_consensus: '没有达成一致', name: '写进记录的话', words: (title: string, says: string) => `关于“${title}”：${says}`, record: '记下', said: '结论已记下' },

  paper: {
    title: '纸票', issue: '发一次性投票码', code: (unit: string, code: string) => `${unit}的投票码：${code}`, number: '纸票编号', unit: '哪一户、哪个人或哪家店', register: '登记纸票', later: '表决结束以后再录入。', choice: '票上写的', enter: '录入', entered: '已录入', twice: '一张纸票要两个人各录一遍，两遍一样才算。', waiting: (n: number) => `录了${n}遍`,
  },

  board: { waiting: '等着公示', none: '公示栏上现在没有。', from: (a: string, b: string, c: string) => `公示期：${a}到${b}。${c}前可以提异议。` },

  alliance: { none: '这里还没有街区联盟。', plan: '安排联盟议事会', for: (name: string) => `这是${name}的议事会，联盟成员一家一票。`, found: '成立联盟', name: '联盟的名字', count: (n: number) => `${n}家成员`, conflict: (words: string) => `利益关系：${words}` },

  screenings: { all: '也看处理过的', none: '没有等着看的。', found: (kind: string, word: string) => `可能是${kind}：${word}`, pass: '可以公开', refuse: '不公开', why: '为什么不公开', whys: ['含有别人的个人信息。', '骂人的话，请改一改再发。', '与议事无关的广告。'], picture: '等人看的照片' },

  people: { asked: '等着确认的人', none: '没有等着确认的人。', yes: '确认', no: '不确认', roll: '户册', rollWhy: '户册用来确认身份和按户表决。', show: '看户册', number: '门牌号', address: '地址', head: '户主' },

  assist: {
    title: '代录一票', why: '到场、不会用手机的人，当面听他说，照他说的记。他会收到回执。', who: '是谁的票', find: '姓名、门牌号或者店名', none: '这次表决的名册上没有。请核对姓名，或者用门牌号、店名找。', unknown: '没有人确认住在这里', choice: '他怎么说', consent: '他怎么说的，谁在场', take: '记下这一票', done: '已记下，他会收到回执',
    proxy: '登记委托', proxyWhy: '不能来的人书面委托别人投。一个人最多替三个人投，两边都会收到通知。', principal: '谁委托', agent: '委托给谁', paper: '委托书的日期和保管的地方', name: '登记', named: '委托已登记，两边都会收到通知',
  },

  secret: {
    on: '不记名表决', how: '谁投了什么没有人看得到。钥匙分给三方各一份，表决结束后两方交出钥匙才能开箱。表决前请三位先领钥匙。', desk: '社区这一方', watch: '监督这一方', neighbour: '居民这一方（不担任工作职务）', crowd: '一批至少几票一起进记录', disclosure: '开箱以后公布什么',
    disclose: (d: string) => (d === 'key' ? '公布钥匙，谁都能重数' : '只公布选择清单'), kept: (n: number, had: number) => `钥匙领了${n}份，票领了${had}张`, opens: '保管钥匙的三位从这里领和交', waits: (who: string) => `钥匙还等着：${who}`,
  },

  rolls: {
    title: '导入户册', how: '从电子表格另存为CSV再选。第一行是表头：门牌号、地址、户主、业主、面积（平方米）、社区或网格代码；除了门牌号都可以没有。先看会改什么，再导入。', file: '选CSV文件', version: '这一版叫什么', keep: '导入', kept: '导入好了：', would: '还没有导入。会这样改：',
    columns: { org: ['社区代码', '网格代码', '社区或网格代码', '代码'], number: ['门牌号', '房号', '门牌', '户号'], address: ['地址', '住址'], head: ['户主', '户主姓名'], owner: ['业主', '产权人'], area: ['面积', '建筑面积', '面积（平方米）', '面积(平方米)', '面积（㎡）'], area_cm2: ['面积（平方厘米）'] },
    told: (added: number, changed: number, same: number, missing: number) => `新增${added}户，改动${changed}户，没变${same}户，文件里没有${missing}户。`, added: (n: number) => `新增的${n}户`, changed: (n: number) => `改动的${n}户`, missing: (n: number) => `文件里没有的${n}户`, stay: '文件里没有的户不会删掉。',
    at: (line: number, why: string) => `第${line}行：${why}`, quote: (line: number) => `第${line}行的引号没有配对。请改好再选。`, head: '第一行没有“门牌号”这一列。请加上表头再选。', empty: '文件里没有一户。请选有内容的户册。', many: (n: number, most: number) => `文件里有${n}户，一次最多${most}户。请分成几份，一份一份导入。`,
    cells: '格子比表头多，请检查逗号和引号。', number: '没有门牌号。', org: (code: string) => `这里没有代码是“${code}”的社区或网格，请核对。`, twice: (number: string, line: number) => `“${number}”和第${line}行重复了，请删掉一行。`, area: (text: string) => `面积“${text}”不对，请只写数字。`, rest: (n: number) => `还有${n}行也要改。`,
  },

  known: {
    title: '搬家和身份变动', why: '找到这个人，结束或者换到新的一户。', find: '姓名或者门牌号', look: '查找', none: '没有找到。请核对姓名，或者用门牌号找。', end: '结束这个身份', sure: '确定结束', ended: '已结束', move: '搬到别处', moveNow: '换过去', where: '搬到哪里', household: '新的门牌号（可以不写）', moved: '已换好，等那边确认', sureWhy: (name: string, kind: string) => `${name}不再是这里的${kind}，以后的表决也不再算。`,
  },

  staff: {
    once: '只显示这一次，请当面交给本人', login: '登录名', password: '密码', secret: '验证器密钥', noted: '记好了', offices: '现在的职务', manage: '免职、重设密码', ending: '免职', since: (day: string, login?: string) => `${day}起${login ? `，登录名${login}` : ''}`, end: '免去', reset: '申请重设密码', why: '理由', whys: ['忘了密码。', '换了手机，验证器没了。'], asked: '已申请，要另一位同事批准', approve: '批准重设',
    grant: '给职务', at: '在哪里', role: '职务', person: '给谁', who: '找人', other: '别的人（写编号）', number: '编号（本人在“我的账号”里看）', create: '新建账号', name: '姓名',
  },

  deeds: {
    'login.mini': '登录小程序',
    'login.staff': '登录工作台',
    'login.link': '用链接登录',
    'login.end': '退出登录',
    'person.self': '改自己的资料',
    'call.staff': '手机叫醒',
    'data.import': '导入规则',
    'data.warn': '提醒日历快用完',
    'org.import': '导入组织',
    'notice.claim': '发通知',
    'notice.sent': '记通知送达',
    'staff.create': '新建账号',
    'staff.reset': '申请重设密码',
    'staff.approve': '批准重设密码',
    'staff.renew': '换密码',
    'staff.prove': '出示动态码',
    'office.grant': '给职务',
    'office.end': '免去职务',
    'person.ban': '停用或恢复账号',
    'person.erase': '注销自己',
    'audit.seal': '封存操作记录',
    'household.import': '导入户册',
    'household.read': '看户册',
    'household.speaker': '定户代表',
    'capacity.bind': '申请身份',
    'capacity.confirm': '确认身份',
    'capacity.end': '结束身份',
    'capacity.move': '换身份',
    'account.move': '换绑微信',
    'account.drop': '解绑微信',
    'account.tie': '要绑定码',
    'account.join': '用绑定码',
    'account.ask': '核对账号',
    'topic.raise': '提议题',
    'topic.raise_for': '替人提议题',
    'topic.edit': '改议题文字',
    'topic.withdraw': '撤回议题',
    'topic.cosign': '附议',
    'topic.photo': '加照片',
    'photo.claim': '检查照片',
    'photo.settle': '处理照片',
    'topic.answer': '补充说明',
    'topic.ask': '追问',
    'topic.accept': '受理',
    'topic.merge': '合并议题',
    'topic.redirect': '转办或不受理',
    'topic.order': '直接派单',
    'topic.study': '交党组织研究',
    'topic.appeal': '申请复核',
    'topic.rule': '复核',
    'topic.suspend': '暂缓',
    'topic.resume': '恢复办理',
    'topic.escalate': '上报街道',
    'topic.decide': '街道决定',
    'topic.explain': '说明并结束',
    'topic.refer': '转法定表决',
    'topic.archive': '归档',
    'topic.take_up': '接收议题',
    'messages.import': '导入留言',
    'point.make': '设议事点',
    'point.move': '改议事点时间',
    'session.create': '安排议事会',
    'session.announce': '公布议事会',
    'session.invite': '邀请',
    'session.reply': '答复邀请',
    'session.postpone': '改期',
    'session.open': '开会',
    'session.adjourn': '休会',
    'session.close': '散会',
    'session.cancel': '取消议事会',
    'session.remark': '写监督意见',
    'session.code': '显示签到码',
    'presence.check_in': '签到',
    'presence.confirm': '记到场',
    'speaker.ask': '举手',
    'speaker.note': '替人记举手',
    'speaker.give': '请发言',
    'speaker.end': '结束发言',
    'speaker.leave': '放下举手',
    'minutes.keep': '写会议记录',
    'minutes.correct': '更正会议记录',
    'screen.ask': '显示配对码',
    'screen.leave': '大屏退出',
    'screen.pair': '配对大屏',
    'screen.end': '解除大屏',
    'poll.open': '开始表决',
    'poll.close': '结束表决',
    'ballot.cast': '投票',
    'poll.share': '保管钥匙',
    'poll.unseal': '交钥匙',
    'poll.share_remind': '催交钥匙',
    'poll.token': '领不记名票',
    'ballot.secret': '投不记名票',
    'poll.void': '表决作废',
    'poll.paper_issue': '发投票码',
    'poll.paper_withdraw': '收回投票码',
    'poll.paper_redeem': '用投票码',
    'poll.sheet_register': '登记纸票',
    'poll.sheet_enter': '录入纸票',
    'poll.sheet_correct': '更正纸票',
    'poll.sheet_withdraw': '撤下纸票',
    'poll.assist': '代录选票',
    'poll.proxy': '登记委托',
    'poll.seal': '封存表决记录',
    'petition.start': '发起联名',
    'petition.sign': '联名签名',
    'petition.unsign': '收回签名',
    'petition.signers': '看签名的人',
    'petition.convene': '为联名安排会议',
    'petition.answer': '答复联名',
    'petition.remove': '撤下联名',
    'petition.end': '结束联名',
    'screening.decide': '审看内容',
    'screening.hold': '送审',
    'screening.claim': '取来检查',
    'screening.settle': '检查完',
    'screening.judge': '微信检查',
    'outcome.record': '记结论',
    'commitment.make': '定承诺',
    'publication.make': '公示',
    'publication.end': '取下公示',
    'objection.raise': '提异议',
    'objection.answer': '答复异议',
    'order.sign': '签收工单',
    'order.done': '报告办完',
    'confirmation.give': '确认办结',
    'confirmation.give_for': '替人确认',
    'confirmation.round': '提醒确认',
    'clock.lapse': '记过期',
    'alliance.found': '成立联盟',
    'member.join': '申请加入联盟',
    'member.confirm': '确认成员',
    'member.leave': '退出联盟',
    'dialogue.turn': '公众号对话',
    'token.keep': '更新微信凭证',
  } as Record<string, string>,

  audits: { at: '时间', who: '谁', deed: '办了什么', thing: '对什么', door: '从哪里', system: '系统', private: '工作人员写姓名，居民只写编号。', number: (id: number) => `编号${id}`, subject: (noun: string, id: string) => (Number(id) ? `${noun}${id}号` : noun) },

  nouns: {
    org: '组织', topic: '议题', session: '议事会', poll: '表决', person: '人', alliance: '联盟', staff: '账号', speaker: '发言', screening: '审看', screen: '大屏', point: '议事点', petition: '联名', order: '工单', office: '职务', objection: '异议', notice: '通知', member: '联盟成员',
    invitation: '邀请', household: '户', capacity: '身份', account: '微信账号', audit: '操作记录', clock: '期限', confirmation: '确认', data: '规则', dialogue: '对话', login: '登录', photo: '照片', presence: '签到', publication: '公示', token: '凭证', case: '案例',
  } as Record<string, string>,

  map: {
    of: (org: string, day: string) => `${org}，到${day}。`,
    chart: '八类事项各有多少件', counted: (n: number, none: number) => `今年共提了${n}件，其中${none}件还没有归类。`, came: '今年的结果',
    all: (n: Numbers): [string, number][] => [
      ['提了', n.raised], ['过期', n.lapsed], ['开会', n.sessions], ['到场的人', n.people], ['表决', n.polls], ['达成一致', (n.outcomes.agreed ?? 0) + (n.outcomes.partly_agreed ?? 0)], ['没有达成一致', n.outcomes.no_consensus ?? 0],
      ['派出工单', n.orders.issued], ['办完', n.orders.done], ['误期', n.orders.late], ['说已解决', n.answers.solved ?? 0], ['说没解决', n.answers.unsolved ?? 0], ['没有答复', n.answers.silent ?? 0],
    ],
  },

  data: { calendar: '工作日历', until: (day: string, left: number, version: string) => `节假日排到${day}，还有${left}天（版本${version}）。`, packs: '表决规则', on: '在用', off: '停用', law: (law: string, article: string, version: string) => `${law}${article}，版本${version}`, sets: '导入记录', kind: '种类', version: '版本', at: '时间', source: '来处', shipped: '随系统带来', own: '本地导入' },

  operator: { health: '运行情况', answers: '服务器有回答。', metrics: '速度和错误数在服务器的内部地址上看，见运行维护文档。', stuck: '没有送到的通知', none: '通知都送到了。' },

  print: {
    agenda: '会议通知', minutes: '会议记录', notice: '打印公示', print: '打印', how: '用A4纸。打印时没有菜单和按钮。', agendaOf: (org: string) => `${org}议事会通知`, minutesOf: (org: string) => `${org}议事会记录`, noticeOf: (org: string) => `${org}协商结果公示`,
    what: '事由：', when: '时间：', where: '地点：', supervisor: '监督：', topics: '要议的事', rule: '按', invited: '邀请的单位', come: '欢迎有关的邻居来。到场用小程序或公众号签到，没带手机的告诉工作人员。', present: '到会：', span: (a: string, b: string) => (b ? `${a}到${b}` : `${a}开始`),
    item: (n: number, title: string) => `议题${n}：${title}`, poll: '表决：', ruled: (pack: string, hash: string) => `（按“${pack}”，表决编号${hash}）`, outcome: '结论：', noOutcome: '这次没有结论。', chair: '主持人', clerk: '记录人', watch: '监督人',
    object: '对结果有异议，可以在小程序、公众号里提，也可以到社区当面说。', code: '检查点二维码', check: '扫码核对表决的公开记录。',
  },

  floor: {
    title: '发言', stance: '态度', name: '谁举手', note: '替人记举手', noteNow: '记下举手', give: '请发言', end: '讲完了', speaks: (who: string, stance: string) => `${who}正在发言（${stance}）`, rest: (s: number) => `还有${s}秒`, over: (s: number) => `超过${s}秒`,
    waits: (n: number, who: string, stance: string, times: number) => `${n}．${who}（${stance}${times ? `，讲过${times}次` : ''}）`,
    balance: (of: (stance: string) => { times: number; seconds: number } | undefined) => {
      const one = (name: string, stance: string) => `${name}${of(stance)?.times ?? 0}人次、${of(stance)?.seconds ?? 0}秒`
      return `${one('赞成', 'for')}；${one('反对', 'against')}。`
    },
  },

  minutes: { title: '边议边记', name: '大家说了什么，不写姓名', keep: '存下', kept: '已存下', newer: '别人刚存的版本', take: '换成这一版', said: '讨论：', sealed: (hash: string) => `散会时封存，校验码${hash}`, corrected: '更正：' },

  screens: { title: '会场大屏', how: (at: string) => `在大屏的浏览器里打开${at}，大屏会显示六位数。把它写到下面（不是签到码）。`, one: (id: number, at: string) => `大屏${id}，${at}配对`, code: '大屏上的六位数', pair: '配对', paired: '大屏已配对', end: '解除' },

  screen: {
    state: { waiting: '', before: '还没有开始', open: '正在开会', closed: '散会了' },
    title: '会场大屏', none: '……', pair: '请工作人员在“议事会”页面写上这六位数', agenda: '今天议的事', checkIn: '用微信扫码，或者写这六位数', check: '扫码核对', scan: '签到的二维码',
    cut: (at: string) => `网络断了，这是${at}的情况`, never: '还没有连上服务器，正在再试',
  },
}
