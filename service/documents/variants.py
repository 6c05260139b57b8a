"""Traditional forms of characters that a resident card prints in their simplified form. Pure.

The recogniser knows both forms and, on small or blurred print, answers with the wrong one. Labels, ethnicities,
addresses and authorities are official texts in simplified characters and are folded. A name is its bearer's: there only
a reading in which the recogniser itself wavers between the two forms (`TORN`) follows the print; a sure one stays.
"""

from __future__ import annotations

# Traditional form, simplified form.
_PAIRS = (
    "黃黄 漢汉 張张 陳陈 劉刘 楊杨 趙赵 吳吴 鄭郑 馮冯 蔣蒋 韓韩 葉叶 蘇苏 呂吕 盧卢 賈贾 鄒邹 閻阎 賴赖 "
    "譚谭 龍龙 萬万 錢钱 湯汤 賀贺 嚴严 溫温 莊庄 龐庞 顏颜 齊齐 龔龚 鄧邓 許许 魯鲁 韋韦 鄺邝 歐欧 鐘钟 "
    "鍾钟 謝谢 馬马 孫孙 羅罗 蕭萧 餘余 聶聂 關关 聞闻 費费 鮑鲍 項项 國国 華华 東东 曉晓 輝辉 軍军 偉伟 "
    "強强 紅红 蘭兰 鳳凤 麗丽 靜静 瑩莹 穎颖 瓊琼 夢梦 寧宁 潔洁 濤涛 達达 運运 連连 進进 選选 邁迈 紀纪 "
    "純纯 經经 維维 綱纲 緒绪 綿绵 緯纬 總总 績绩 繼继 續续 織织 編编 緣缘 縣县 繪绘 絡络 絕绝 統统 絲丝 "
    "細细 終终 組组 結结 給给 紹绍 紋纹 紡纺 內内 門门 開开 間间 陽阳 陰阴 際际 陸陆 隊队 階阶 險险 隨随 "
    "隱隐 雙双 難难 雲云 電电 霧雾 靈灵 頁页 頂顶 順顺 須须 頓顿 預预 領领 頭头 頻频 題题 願愿 顯显 風风 "
    "飛飞 飯饭 飲饮 養养 館馆 馳驰 駐驻 駿骏 騎骑 騰腾 驚惊 鬥斗 魚鱼 鮮鲜 鳥鸟 鳴鸣 鴻鸿 鵬鹏 鶴鹤 麥麦 "
    "黨党 齡龄 區区 鄉乡 鎮镇 號号 樓楼 單单 棟栋 園园 廣广 場场 廈厦 廠厂 橋桥 灣湾 島岛 嶺岭 嶼屿 溝沟 "
    "澤泽 濱滨 濟济 淶涞 瀋沈 瀾澜 漁渔 潿涠 淺浅 澗涧 滬沪 滿满 滄沧 渦涡 渾浑 滅灭 潛潜 瀏浏 龜龟 壩坝 "
    "壟垄 墳坟 塢坞 壇坛 壘垒 垻坝 堯尧 塊块 塵尘 墊垫 義义 習习 鄰邻 書书 會会 來来 個个 們们 倆俩 倉仓 "
    "傑杰 傳传 債债 傷伤 價价 儀仪 億亿 優优 兒儿 兩两 冊册 剛刚 創创 劃划 劇剧 劍剑 動动 務务 勝胜 勞劳 "
    "勢势 勳勋 勵励 勻匀 協协 卻却 廳厅 歷历 厲厉 壓压 厭厌 參参 發发 變变 敘叙 嘆叹 嘗尝 嚇吓 員员 圍围 "
    "圓圆 圖图 團团 執执 壯壮 壽寿 夠够 夾夹 奮奋 獎奖 婦妇 媽妈 嬌娇 學学 實实 審审 寫写 寬宽 寶宝 將将 "
    "專专 尋寻 對对 導导 爾尔 層层 屬属 岡冈 崗岗 巖岩 幣币 帥帅 師师 帶带 幫帮 幹干 幾几 庫库 廟庙 廢废 "
    "異异 棄弃 彈弹 彎弯 彙汇 從从 徑径 憂忧 應应 懷怀 態态 慶庆 憲宪 戀恋 戰战 戶户 拋抛 挾挟 捨舍 掃扫 "
    "掛挂 採采 揚扬 換换 揮挥 損损 搖摇 搶抢 擇择 擊击 擋挡 據据 擴扩 擺摆 攝摄 攜携 攤摊 敗败 敵敌 數数 "
    "斬斩 斷断 時时 晝昼 暈晕 暉晖 暢畅 曆历 條条 枴拐 業业 極极 榮荣 構构 槍枪 樂乐 標标 樣样 樸朴 樹树 "
    "檔档 檢检 櫃柜 權权 歡欢 歲岁 歸归 殘残 殺杀 氣气 測测 湊凑 準准 滾滚 漲涨 漸渐 潑泼 澇涝 濃浓 濕湿 "
    "灑洒 災灾 為为 烏乌 無无 煉炼 煙烟 煥焕 熱热 燈灯 燒烧 營营 爐炉 爭争 爺爷 牆墙 狀状 狹狭 獅狮 獨独 "
    "獲获 獻献 環环 現现 瑋玮 瑪玛 璽玺 產产 畝亩 畢毕 畫画 當当 瘋疯 療疗 癢痒 皺皱 盜盗 盡尽 監监 盤盘 "
    "眾众 確确 碼码 磚砖 禮礼 禍祸 種种 稱称 穀谷 積积 穩稳 窮穷 窩窝 竄窜 競竞 筆笔 筍笋 節节 範范 築筑 "
    "簡简 簽签 籃篮 籌筹 籠笼 糧粮 糾纠 緊紧 縮缩 罰罚 罵骂 羨羡 聖圣 聯联 聰聪 聲声 職职 聽听 肅肃 脅胁 "
    "脈脉 脫脱 腦脑 腳脚 腫肿 臉脸 臨临 與与 興兴 舉举 舊旧 艙舱 艦舰 艱艰 藍蓝 藝艺 藥药 蘆芦 蘋苹 虛虚 "
    "蟲虫 蠶蚕 術术 衛卫 衝冲 補补 裝装 製制 複复 襲袭 見见 規规 視视 覺觉 覽览 觀观 觸触 訂订 計计 訊讯 "
    "討讨 訓训 記记 訪访 設设 註注 詞词 試试 詩诗 話话 詳详 誇夸 誌志 認认 誕诞 語语 誠诚 誤误 說说 誰谁 "
    "課课 調调 談谈 請请 諒谅 論论 諸诸 諾诺 謀谋 證证 識识 譜谱 議议 護护 讀读 讓让 豐丰 貝贝 財财 貢贡 "
    "貨货 販贩 貪贪 貫贯 責责 貯贮 貴贵 買买 貸贷 貿贸 賓宾 賞赏 賢贤 賣卖 質质 賦赋 購购 贈赠 贊赞 贏赢 "
    "軌轨 軒轩 軟软 軸轴 輕轻 載载 輔辅 輛辆 輪轮 輸输 轉转 農农 遠远 適适 遷迁 遼辽 還还 郵邮 釋释 鋼钢 "
    "錄录 錦锦 鍵键 鐵铁 鑒鉴 長长 閃闪 閉闭 閒闲 閣阁 "
    "陝陕 贛赣 閩闽 粵粤 嶽岳 隴陇 雞鸡 饒饶 潁颍 漣涟 灤滦 薩萨 萊莱 蒼苍 鄔邬 鄖郧 錫锡 銅铜 銀银 "
    "鎖锁 鋪铺 奧奥 嶗崂 嵐岚 峽峡 闊阔 頤颐 驛驿 亞亚 備备 臺台 墻墙 報报 處处 戲戏 "
    "撫抚 晉晋 楓枫 機机 櫻樱 涇泾 淵渊 滙汇 潤润 牽牵 瑤瑶 礦矿 祿禄 窯窑 籬篱 綠绿 綏绥 網网 線线 "
    "繡绣 膠胶 芻刍 蓮莲 衆众 親亲 該该 豬猪 資资 躍跃 車车 "
)
SIMPLIFIED: dict[str, str] = {pair[0]: pair[1] for pair in _PAIRS.split()}
"""By the traditional form; only forms outside GB 2312, which no simplified text holds."""

MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙．.⋅･᛫‒﹒●", "·"))
"""What readers and keyboards make of the dot between the parts of a minority name (U+00B7)."""

_GROUPS = (
    "己已巳 未末 士土 日曰 干千于 人入 天夭 戊戌戍 佳住 侯候 治冶 冼洗 毫亳 沐沭 汨汩 薛薜 嬴羸赢 拨拔 "
    "辨辩辫 璧壁 卞卡 崇祟 茶荼 钧钓 晴睛 玫攻 祎袆 龘鱻 䶮龚 瀚瀞 免兔 历厉 玥钥 大太 王玉 刁刀 翟瞿 钟锺 旻昊 曌照 "
    "淼㵘 余馀 升昇 喆哲"
)
_FIRST: dict[str, str] = {one: group[0] for group in _GROUPS.split() for one in group}

_SELDOM = "曰日 夭天 祟崇 冶治 薜薛 羸嬴 袆祎 睛晴 攻玫 钓钧 鱻龘 入人 土士 住佳 钥玥 候侯 亳毫 荼茶 沭沐 兔免"
_SELDOM_FIRST, _SELDOM_LATER = "洗冼 干于 卡卞", "龚䶮"
"""Read, meant: characters that names hardly hold, at the first place and at the others, and those a reader takes them
for. `鱻` and `龚` are what it makes of 龘 and 䶮, which it does not or hardly knows."""

TORN = 0.02
"""Probability of the simplified form from which the recogniser counts as torn between the two."""


def folded(text: str) -> str:
    """The text with every traditional form in its simplified one."""
    return "".join(SIMPLIFIED.get(character, character) for character in text)


def other_readings(name: str, seen: str) -> tuple[str, ...]:
    """What a name as read may be on the card: as it was seen (traditional where the recogniser wavered), in simplified
    characters, with the likelier of two look-alikes. The name itself is not among them; most names have none."""
    simplified = folded(name)
    likelier = "".join(_likelier(one, place) for place, one in enumerate(simplified))
    return tuple(one for one in dict.fromkeys((seen, simplified, likelier)) if one != name)


def look_alike_key(name: str) -> str:
    """The same text for names that differ in traditional or look-alike characters alone."""
    return "".join(_FIRST.get(one, one) for one in folded(name))


def _likelier(character: str, place: int) -> str:
    pairs = f"{_SELDOM} {_SELDOM_LATER if place else _SELDOM_FIRST}".split()
    return next((pair[1] for pair in pairs if pair[0] == character), character)
